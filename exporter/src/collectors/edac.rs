//! Memory errors that were corrected, or were not, from `/sys/devices/system/edac`.

use std::path::{Path, PathBuf};

use pratiko_metrics::exposition::Kind;

use crate::host::{CollectError, Collector, KeptFiles, Output, Setup, SetupError, Spec, sysfs};

pub(super) const SPEC: Spec = Spec {
    name: "edac",
    on_by_default: true,
    about: "Memory errors, by controller, row and channel.",
    options: &[],
    build: |setup: &Setup<'_>| -> Result<Box<dyn Collector>, SetupError> {
        Ok(Box::new(MemoryErrors {
            directory: setup.roots.sys("devices/system/edac/mc"),
            files: KeptFiles::default(),
        }))
    },
};

struct MemoryErrors {
    directory: PathBuf,
    files: KeptFiles,
}

/// Errors, with the labels of where they were.
#[derive(Default)]
struct Counts {
    controllers: Vec<([String; 1], u64)>,
    rows: Vec<([String; 2], u64)>,
    channels: Vec<([String; 4], u64)>,
}

impl Collector for MemoryErrors {
    fn collect(&mut self, output: &mut Output) -> Result<(), CollectError> {
        let names = sysfs::names_in(&self.directory)
            .map_err(|error| CollectError::reading(&self.directory, "memory error counters", error))?;
        let (mut corrected, mut uncorrected) = (Counts::default(), Counts::default());
        for name in &names {
            if let Some(controller) = sysfs::number_after(name, "mc") {
                let directory = self.directory.join(name);
                self.read_controller(controller, &directory, "ce", &mut corrected, output);
                self.read_controller(controller, &directory, "ue", &mut uncorrected, output);
            }
        }
        corrected.write("correctable", output);
        uncorrected.write("uncorrectable", output);
        Ok(())
    }
}

impl MemoryErrors {
    /// `kind` is `ce` for correctable errors and `ue` for uncorrectable ones.
    fn read_controller(
        &mut self,
        controller: &str,
        directory: &Path,
        kind: &str,
        counts: &mut Counts,
        output: &mut Output,
    ) {
        if let Some(count) = self.count(&directory.join(format!("{kind}_count")), output) {
            counts.controllers.push(([controller.to_owned()], count));
        }
        if let Some(count) = self.count(&directory.join(format!("{kind}_noinfo_count")), output) {
            counts.rows.push(([controller.to_owned(), "unknown".to_owned()], count));
        }
        for name in sysfs::names_in(directory).unwrap_or_default() {
            if let Some(row) = sysfs::number_after(&name, "csrow") {
                let directory = directory.join(&name);
                if let Some(count) = self.count(&directory.join(format!("{kind}_count")), output) {
                    counts.rows.push(([controller.to_owned(), row.to_owned()], count));
                }
                self.read_channels([controller, row], &directory, kind, counts, output);
            }
        }
    }

    fn read_channels(
        &mut self,
        [controller, row]: [&str; 2],
        directory: &Path,
        kind: &str,
        counts: &mut Counts,
        output: &mut Output,
    ) {
        let suffix = format!("_{kind}_count");
        for name in sysfs::names_in(directory).unwrap_or_default() {
            let channel = name.strip_suffix(&suffix).and_then(|stem| sysfs::number_after(stem, "ch"));
            let Some(channel) = channel else { continue };
            let label = self.files.read(&directory.join(format!("ch{channel}_dimm_label")));
            let label =
                label.map_or_else(|_| "unknown".to_owned(), |content| readable(&sysfs::text(content)));
            if let Some(count) = self.count(&directory.join(&name), output) {
                let labels = [controller, row, channel, &label].map(str::to_owned);
                counts.channels.push((labels, count));
            }
        }
    }

    fn count(&mut self, file: &Path, output: &mut Output) -> Option<u64> {
        let count = self.files.read(file).ok().and_then(sysfs::number);
        if count.is_none() {
            output.skip(file, "not a number");
        }
        count
    }
}

/// The kernel's own labels are `mc#0csrow#1channel#0`.
fn readable(label: &str) -> String {
    label.replace('#', "").replace("csrow", "_csrow").replace("channel", "_channel")
}

impl Counts {
    fn write(&self, kind: &str, output: &mut Output) {
        let help = format!("Memory errors of the {kind} kind.");
        write(output, &format!("node_edac_{kind}_errors_total"), &help, ["controller"], &self.controllers);
        let name = format!("node_edac_csrow_{kind}_errors_total");
        write(output, &name, &help, ["controller", "csrow"], &self.rows);
        let name = format!("node_edac_channel_{kind}_errors_total");
        write(output, &name, &help, ["controller", "csrow", "channel", "dimm_label"], &self.channels);
    }
}

fn write<const LABELS: usize>(
    output: &mut Output,
    name: &str,
    help: &str,
    labels: [&str; LABELS],
    counts: &[([String; LABELS], u64)],
) {
    let mut family = output.family(name, Kind::Counter, help);
    for (values, count) in counts {
        let labels: Vec<_> =
            labels.iter().zip(values).map(|(label, value)| (*label, value.as_str())).collect();
        family.sample(&labels, *count);
    }
}
