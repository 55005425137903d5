//! Interrupts by CPU and source, from `/proc/interrupts`.

use std::fmt::Write;

use pratiko_metrics::exposition::Kind;

use crate::host::{
    CollectError, Collector, KeptFile, NameFilter, OptionKind, OptionSpec, Output, Setup, SetupError, Spec,
};

const NAME_INCLUDE: OptionSpec = OptionSpec {
    name: "interrupts.name-include",
    kind: OptionKind::Text,
    default: "",
    help: "Only the interrupts whose type;info;devices matches this regular expression (not together with \
           name-exclude).",
};

const NAME_EXCLUDE: OptionSpec = OptionSpec {
    name: "interrupts.name-exclude",
    kind: OptionKind::Text,
    default: "",
    help: "Not the interrupts whose type;info;devices matches this regular expression (not together with \
           name-include).",
};

const INCLUDE_ZEROS: OptionSpec = OptionSpec {
    name: "interrupts.include-zeros",
    kind: OptionKind::Switch,
    default: "true",
    help: "Tell the interrupts that never came, too.",
};

pub(super) const SPEC: Spec = Spec {
    name: "interrupts",
    on_by_default: false,
    about: "Interrupts by CPU and source; many series on hosts with many CPUs.",
    options: &[NAME_INCLUDE, NAME_EXCLUDE, INCLUDE_ZEROS],
    build: |setup: &Setup<'_>| -> Result<Box<dyn Collector>, SetupError> {
        Ok(Box::new(Interrupts {
            file: KeptFile::new(setup.roots.proc("interrupts")),
            filter: NameFilter::new(setup.options, &NAME_INCLUDE, &NAME_EXCLUDE)?,
            with_zeros: setup.options.switch(&INCLUDE_ZEROS),
        }))
    },
};

struct Interrupts {
    file: KeptFile,
    filter: NameFilter,
    with_zeros: bool,
}

impl Collector for Interrupts {
    fn collect(&mut self, output: &mut Output) -> Result<(), CollectError> {
        let path = self.file.path().to_owned();
        let text =
            self.file.read_text().map_err(|error| CollectError::reading(&path, "interrupts", error))?;
        let mut lines = text.lines();
        let cpus: Vec<&str> = lines
            .next()
            .unwrap_or_default()
            .split_ascii_whitespace()
            .filter_map(|column| column.strip_prefix("CPU"))
            .collect();
        if cpus.is_empty() {
            return Err(CollectError::Malformed { path, reason: "expected a line of CPUs".to_owned() });
        }

        let mut malformed = Vec::new();
        let mut family = output.family("node_interrupts_total", Kind::Counter, "Interrupts serviced.");
        let mut line = Line::default();
        let mut name = String::new();
        for text in lines {
            match line.parse(text, cpus.len()) {
                Parsed::Line => {}
                Parsed::NotPerCpu => continue,
                Parsed::Malformed => {
                    malformed.push(text);
                    continue;
                }
            }
            name.clear();
            // Writing to a string cannot fail.
            let _ = write!(name, "{};{};{}", line.kind, line.info, line.devices);
            if !self.filter.keeps(&name) {
                continue;
            }
            for (cpu, count) in cpus.iter().zip(&line.counts) {
                if *count > 0 || self.with_zeros {
                    let labels = [
                        ("cpu", *cpu),
                        ("type", &line.kind),
                        ("info", &line.info),
                        ("devices", &line.devices),
                    ];
                    family.sample(&labels, *count);
                }
            }
        }
        for text in malformed {
            output.skip(&path, text);
        }
        Ok(())
    }
}

/// One source of interrupts; reused from line to line.
#[derive(Default)]
struct Line {
    /// A number, or a name such as `NMI`.
    kind: String,
    counts: Vec<u64>,
    /// The controller of a numbered one; what a named one is.
    info: String,
    devices: String,
}

enum Parsed {
    Line,
    /// A sum over all CPUs, such as `ERR: 0`.
    NotPerCpu,
    Malformed,
}

impl Line {
    fn parse(&mut self, text: &str, cpus: usize) -> Parsed {
        let Some((kind, rest)) = text.split_once(':') else { return Parsed::Malformed };
        let mut words = rest.split_ascii_whitespace();
        if words.clone().nth(cpus).is_none() {
            return Parsed::NotPerCpu;
        }
        self.kind.clear();
        self.kind.push_str(kind.trim());
        self.counts.clear();
        for word in words.by_ref().take(cpus) {
            match word.parse() {
                Ok(count) => self.counts.push(count),
                Err(_) => return Parsed::Malformed,
            }
        }
        self.info.clear();
        self.devices.clear();
        if self.kind.bytes().all(|byte| byte.is_ascii_digit()) {
            self.info.extend(words.next());
            join(words, &mut self.devices);
        } else {
            join(words, &mut self.info);
        }
        Parsed::Line
    }
}

fn join<'text>(words: impl Iterator<Item = &'text str>, into: &mut String) {
    for word in words {
        if !into.is_empty() {
            into.push(' ');
        }
        into.push_str(word);
    }
}
