//! File handles of the whole system, from `/proc/sys/fs/file-nr`.

use pratiko_metrics::exposition::Kind;

use crate::host::{CollectError, Collector, KeptFile, Output, Setup, SetupError, Spec};

pub(super) const SPEC: Spec = Spec {
    name: "filefd",
    on_by_default: true,
    about: "File handles in use and their limit.",
    options: &[],
    build: |setup: &Setup<'_>| -> Result<Box<dyn Collector>, SetupError> {
        Ok(Box::new(FileHandles { file: KeptFile::new(setup.roots.proc("sys/fs/file-nr")) }))
    },
};

struct FileHandles {
    file: KeptFile,
}

impl Collector for FileHandles {
    fn collect(&mut self, output: &mut Output) -> Result<(), CollectError> {
        let path = self.file.path().to_owned();
        let text = self
            .file
            .read_text()
            .map_err(|error| CollectError::reading(&path, "file handle count", error))?;
        // The number in the middle is always zero since Linux 2.6.
        let words: Vec<&str> = text.split_whitespace().collect();
        let [allocated, _, maximum] = words[..] else {
            return Err(CollectError::Malformed { path, reason: "expected three numbers".to_owned() });
        };
        for (name, word, help) in [
            ("node_filefd_allocated", allocated, "File descriptor statistics: allocated."),
            ("node_filefd_maximum", maximum, "File descriptor statistics: maximum."),
        ] {
            match word.parse::<u64>() {
                Ok(count) => {
                    output.family(name, Kind::Gauge, help).sample(&[], count);
                }
                Err(_) => output.skip(&path, "expected a whole number"),
            }
        }
        Ok(())
    }
}
