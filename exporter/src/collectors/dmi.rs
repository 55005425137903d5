//! Who made this machine and its firmware, from `/sys/class/dmi/id`.

use std::io;
use std::path::PathBuf;

use pratiko_metrics::exposition::Kind;

use crate::host::{CollectError, Collector, Output, Setup, SetupError, Spec, sysfs};

pub(super) const SPEC: Spec = Spec {
    name: "dmi",
    on_by_default: true,
    about: "The machine's maker, model and firmware.",
    options: &[],
    build: |setup: &Setup<'_>| -> Result<Box<dyn Collector>, SetupError> {
        Ok(Box::new(Dmi {
            directory: setup.roots.sys("class/dmi/id"),
            facts: Vec::new(),
            unreadable: Vec::new(),
        }))
    },
};

struct Dmi {
    directory: PathBuf,
    /// Read once: they do not change until the machine is started anew.
    facts: Vec<(&'static str, String)>,
    unreadable: Vec<(PathBuf, String)>,
}

/// The labels. Each is called as its file is, but for the vendor of the system.
const LABELS: [&str; 20] = [
    "bios_date",
    "bios_release",
    "bios_vendor",
    "bios_version",
    "board_asset_tag",
    "board_name",
    "board_serial",
    "board_vendor",
    "board_version",
    "chassis_asset_tag",
    "chassis_serial",
    "chassis_vendor",
    "chassis_version",
    "product_family",
    "product_name",
    "product_serial",
    "product_sku",
    "product_uuid",
    "product_version",
    "system_vendor",
];

impl Collector for Dmi {
    fn collect(&mut self, output: &mut Output) -> Result<(), CollectError> {
        if self.facts.is_empty() {
            self.read()?;
        }
        for (path, reason) in &self.unreadable {
            output.skip(path, reason);
        }
        let labels: Vec<_> = self.facts.iter().map(|(label, text)| (*label, text.as_str())).collect();
        output
            .family("node_dmi_info", Kind::Gauge, "What the firmware says of the machine; always 1.")
            .sample(&labels, 1);
        Ok(())
    }
}

impl Dmi {
    fn read(&mut self) -> Result<(), CollectError> {
        const THING: &str = "Desktop Management Interface";
        let present = sysfs::names_in(&self.directory)
            .map_err(|error| CollectError::reading(&self.directory, THING, error))?;
        self.unreadable.clear();
        for label in LABELS {
            let file = if label == "system_vendor" { "sys_vendor" } else { label };
            if !present.iter().any(|name| name == file) {
                continue;
            }
            let path = self.directory.join(file);
            match std::fs::read(&path) {
                Ok(content) => self.facts.push((label, sysfs::text(&content).into_owned())),
                // Serial numbers are for root.
                Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {}
                Err(error) => self.unreadable.push((path, error.to_string())),
            }
        }
        if self.facts.is_empty() && self.unreadable.is_empty() {
            return Err(CollectError::NotHere(THING));
        }
        Ok(())
    }
}
