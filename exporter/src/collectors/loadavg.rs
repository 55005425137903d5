//! The load averages, from `/proc/loadavg`.

use pratiko_metrics::exposition::Kind;

use crate::host::{CollectError, Collector, KeptFile, Output, Setup, SetupError, Spec};

pub(super) const SPEC: Spec = Spec {
    name: "loadavg",
    on_by_default: true,
    about: "Load averages over 1, 5 and 15 minutes.",
    options: &[],
    build: |setup: &Setup<'_>| -> Result<Box<dyn Collector>, SetupError> {
        Ok(Box::new(LoadAverage { file: KeptFile::new(setup.roots.proc("loadavg")) }))
    },
};

struct LoadAverage {
    file: KeptFile,
}

impl Collector for LoadAverage {
    fn collect(&mut self, output: &mut Output) -> Result<(), CollectError> {
        let path = self.file.path().to_owned();
        let text =
            self.file.read_text().map_err(|error| CollectError::reading(&path, "load average", error))?;
        let Some([one, five, fifteen]) = parse(&text) else {
            return Err(CollectError::Malformed { path, reason: "expected three numbers".to_owned() });
        };
        output.family("node_load1", Kind::Gauge, "1m load average.").sample(&[], one);
        output.family("node_load5", Kind::Gauge, "5m load average.").sample(&[], five);
        output.family("node_load15", Kind::Gauge, "15m load average.").sample(&[], fifteen);
        Ok(())
    }
}

fn parse(text: &str) -> Option<[f64; 3]> {
    let mut numbers = text.split_whitespace().map(|word| word.parse().ok());
    Some([numbers.next()??, numbers.next()??, numbers.next()??])
}
