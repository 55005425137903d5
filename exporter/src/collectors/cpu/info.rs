//! Processor models, flags and bugs, from `/proc/cpuinfo`; on demand.

use pratiko_metrics::exposition::Kind;
use regex_lite::Regex;

use crate::host::{CollectError, KeptFile, OptionKind, OptionSpec, Output, Setup, SetupError};

pub(super) const INFO: OptionSpec = OptionSpec {
    name: "cpu.info",
    kind: OptionKind::Switch,
    default: "false",
    help: "Tell the model of each CPU (node_cpu_info).",
};

pub(super) const FLAGS_INCLUDE: OptionSpec = OptionSpec {
    name: "cpu.info.flags-include",
    kind: OptionKind::Text,
    default: "",
    help: "Tell the flags of the first CPU that match this regular expression; implies cpu.info.",
};

pub(super) const BUGS_INCLUDE: OptionSpec = OptionSpec {
    name: "cpu.info.bugs-include",
    kind: OptionKind::Text,
    default: "",
    help: "Tell the bugs of the first CPU that match this regular expression; implies cpu.info.",
};

pub(super) struct Information {
    file: KeptFile,
    flags_include: Option<Regex>,
    bugs_include: Option<Regex>,
}

/// One CPU. What its architecture does not tell is empty.
#[derive(Default)]
struct Processor<'text> {
    number: &'text str,
    package: &'text str,
    core: &'text str,
    vendor: &'text str,
    family: &'text str,
    model: &'text str,
    model_name: &'text str,
    microcode: &'text str,
    stepping: &'text str,
    cache_size: &'text str,
    flags: &'text str,
    bugs: &'text str,
}

impl Information {
    /// What the flags ask for; `None` when they ask for nothing.
    pub fn from_setup(setup: &Setup<'_>) -> Result<Option<Self>, SetupError> {
        let flags_include = setup.options.pattern(&FLAGS_INCLUDE)?;
        let bugs_include = setup.options.pattern(&BUGS_INCLUDE)?;
        if !setup.options.switch(&INFO) && flags_include.is_none() && bugs_include.is_none() {
            return Ok(None);
        }
        let file = KeptFile::new(setup.roots.proc("cpuinfo"));
        Ok(Some(Self { file, flags_include, bugs_include }))
    }

    pub fn collect(&mut self, output: &mut Output) -> Result<(), CollectError> {
        let path = self.file.path().to_owned();
        let text = self
            .file
            .read_text()
            .map_err(|error| CollectError::reading(&path, "processor information", error))?;
        let processors: Vec<Processor<'_>> = text.split("\n\n").filter_map(parse).collect();

        let mut models =
            output.family("node_cpu_info", Kind::Gauge, "1 for each CPU, with what /proc/cpuinfo calls it.");
        for processor in &processors {
            let labels = [
                ("package", processor.package),
                ("core", processor.core),
                ("cpu", processor.number),
                ("vendor", processor.vendor),
                ("family", processor.family),
                ("model", processor.model),
                ("model_name", processor.model_name),
                ("microcode", processor.microcode),
                ("stepping", processor.stepping),
                ("cachesize", processor.cache_size),
            ];
            models.sample(&labels, 1);
        }
        let Some(first) = processors.first() else { return Ok(()) };
        if let Some(include) = &self.flags_include {
            let mut flags =
                output.family("node_cpu_flag_info", Kind::Gauge, "1 for each flag of the first CPU.");
            for flag in first.flags.split_ascii_whitespace().filter(|flag| include.is_match(flag)) {
                flags.sample(&[("flag", flag)], 1);
            }
        }
        if let Some(include) = &self.bugs_include {
            let mut bugs =
                output.family("node_cpu_bug_info", Kind::Gauge, "1 for each bug of the first CPU.");
            for bug in first.bugs.split_ascii_whitespace().filter(|bug| include.is_match(bug)) {
                bugs.sample(&[("bug", bug)], 1);
            }
        }
        Ok(())
    }
}

/// One paragraph; some architectures have one more that is about the board and names no CPU.
fn parse(paragraph: &str) -> Option<Processor<'_>> {
    let mut processor = Processor::default();
    for (key, value) in paragraph.lines().filter_map(|line| line.split_once(':')) {
        let value = value.trim();
        match key.trim_end() {
            "processor" => processor.number = value,
            "physical id" => processor.package = value,
            "core id" => processor.core = value,
            "vendor_id" => processor.vendor = value,
            "cpu family" => processor.family = value,
            "model" => processor.model = value,
            "model name" => processor.model_name = value,
            "microcode" => processor.microcode = value,
            "stepping" => processor.stepping = value,
            "cache size" => processor.cache_size = value,
            "flags" | "Features" | "features" => processor.flags = value,
            "bugs" => processor.bugs = value,
            _ => {}
        }
    }
    (!processor.number.is_empty()).then_some(processor)
}
