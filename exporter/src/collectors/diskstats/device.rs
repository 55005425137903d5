//! What udev and `/sys/block` know of a disk: who made it, what is on it, what it is made of.

use std::collections::{HashMap, VecDeque};
use std::path::{Path, PathBuf};

use pratiko_metrics::exposition::Kind;

use crate::host::{FileVersion, Output, Roots};

/// The disks of the last scrape. Their facts are read when they appear and when udev writes anew.
pub(super) struct Devices {
    roots: Roots,
    devices: Vec<Device>,
}

struct Device {
    name: String,
    major: String,
    minor: String,
    rotational: &'static str,
    database: PathBuf,
    /// Which version of udev's file the properties are from.
    version: Option<FileVersion>,
    properties: HashMap<String, String>,
}

impl Devices {
    pub(super) fn new(roots: &Roots) -> Self {
        Self { roots: roots.clone(), devices: Vec::new() }
    }

    /// Brings the facts up to date for the disks that are there now: (name, major, minor).
    pub(super) fn refresh<'name>(
        &mut self,
        present: impl Iterator<Item = (&'name str, &'name str, &'name str)>,
    ) {
        let mut before = VecDeque::from(std::mem::take(&mut self.devices));
        for (name, major, minor) in present {
            let known = before
                .iter()
                .position(|device| device.name == name && device.major == major && device.minor == minor);
            // They come in the same order nearly always, and then this takes the first each time.
            let mut device = known
                .and_then(|position| before.remove(position))
                .unwrap_or_else(|| Device::appear(&self.roots, name, major, minor));
            device.refresh();
            self.devices.push(device);
        }
    }

    pub(super) fn write(&self, output: &mut Output) {
        self.write_info(output);
        self.write_file_systems(output);
        self.write_device_mapper(output);
        for (family, property, help) in ATA {
            self.write_ata(family, property, help, output);
        }
    }

    fn write_info(&self, output: &mut Output) {
        let mut family = output.family(
            "node_disk_info",
            Kind::Gauge,
            "What /sys/block and udev know of a disk; always 1.",
        );
        for device in &self.devices {
            let serial = ["SCSI_IDENT_SERIAL", "ID_SERIAL_SHORT", "ID_SERIAL"]
                .map(|property| device.property(property))
                .into_iter()
                .find(|serial| !serial.is_empty());
            family.sample(
                &[
                    ("device", &device.name),
                    ("major", &device.major),
                    ("minor", &device.minor),
                    ("path", device.property("ID_PATH")),
                    ("wwn", device.property("ID_WWN")),
                    ("model", device.property("ID_MODEL")),
                    ("serial", serial.unwrap_or_default()),
                    ("revision", device.property("ID_REVISION")),
                    ("rotational", device.rotational),
                ],
                1,
            );
        }
    }

    fn write_file_systems(&self, output: &mut Output) {
        let mut family =
            output.family("node_disk_filesystem_info", Kind::Gauge, "The filesystem on a disk; always 1.");
        for device in self.with("ID_FS_TYPE") {
            family.sample(
                &[
                    ("device", &device.name),
                    ("type", device.property("ID_FS_TYPE")),
                    ("usage", device.property("ID_FS_USAGE")),
                    ("uuid", device.property("ID_FS_UUID")),
                    ("version", device.property("ID_FS_VERSION")),
                ],
                1,
            );
        }
    }

    fn write_device_mapper(&self, output: &mut Output) {
        let mut family = output.family(
            "node_disk_device_mapper_info",
            Kind::Gauge,
            "What the device mapper calls a disk of its own; always 1.",
        );
        for device in self.with("DM_NAME") {
            family.sample(
                &[
                    ("device", &device.name),
                    ("name", device.property("DM_NAME")),
                    ("uuid", device.property("DM_UUID")),
                    ("vg_name", device.property("DM_VG_NAME")),
                    ("lv_name", device.property("DM_LV_NAME")),
                    ("lv_layer", device.property("DM_LV_LAYER")),
                ],
                1,
            );
        }
    }

    fn write_ata(&self, family: &str, property: &str, help: &str, output: &mut Output) {
        let devices: Vec<_> =
            self.with("ID_ATA").filter(|device| !device.property(property).is_empty()).collect();
        for device in &devices {
            if device.number(property).is_none() {
                output.skip(&device.database, property);
            }
        }
        let mut family = output.family(family, Kind::Gauge, help);
        for device in devices {
            if let Some(value) = device.number(property) {
                family.sample(&[("device", &device.name)], value);
            }
        }
    }

    fn with(&self, property: &str) -> impl Iterator<Item = &Device> {
        self.devices.iter().filter(move |device| !device.property(property).is_empty())
    }
}

const ATA: [(&str, &str, &str); 3] = [
    ("node_disk_ata_rotation_rate_rpm", "ID_ATA_ROTATION_RATE_RPM", "Rotations per minute; 0 for an SSD."),
    ("node_disk_ata_write_cache", "ID_ATA_WRITE_CACHE", "Whether the disk has a write cache."),
    (
        "node_disk_ata_write_cache_enabled",
        "ID_ATA_WRITE_CACHE_ENABLED",
        "Whether the disk's write cache is in use.",
    ),
];

impl Device {
    fn appear(roots: &Roots, name: &str, major: &str, minor: &str) -> Self {
        let rotational = std::fs::read(attribute(roots, name, "queue/rotational"));
        Self {
            name: name.to_owned(),
            major: major.to_owned(),
            minor: minor.to_owned(),
            rotational: if rotational.is_ok_and(|value| value.trim_ascii() == b"1") { "1" } else { "0" },
            database: roots.udev.join(format!("b{major}:{minor}")),
            version: None,
            properties: HashMap::new(),
        }
    }

    fn refresh(&mut self) {
        let version = FileVersion::of(&self.database).ok();
        if version == self.version {
            return;
        }
        self.version = version;
        self.properties = std::fs::read(&self.database).map(|text| properties(&text)).unwrap_or_default();
    }

    fn property(&self, name: &str) -> &str {
        self.properties.get(name).map_or("", String::as_str)
    }

    fn number(&self, property: &str) -> Option<f64> {
        self.property(property).parse().ok()
    }
}

/// `/sys` writes `cciss!c0d0` for the disk that `/proc` calls `cciss/c0d0`.
fn attribute(roots: &Roots, device: &str, relative: impl AsRef<Path>) -> PathBuf {
    roots.sys("block").join(device.replace('/', "!")).join(relative)
}

/// The `E:` lines of a file in udev's database.
fn properties(text: &[u8]) -> HashMap<String, String> {
    String::from_utf8_lossy(text)
        .lines()
        .filter_map(|line| line.strip_prefix("E:")?.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::testing::TempDir;
    use std::fs;

    #[test]
    fn what_udev_writes_anew_is_read_anew() {
        let dir = TempDir::new();
        let roots = Roots { sysfs: dir.path().into(), udev: dir.path().into(), ..Roots::default() };
        let mut devices = Devices::new(&roots);
        let mut file_system = |content: Option<&str>| {
            if let Some(content) = content {
                // As udev does it.
                fs::write(dir.path().join("new"), content).unwrap();
                fs::rename(dir.path().join("new"), dir.path().join("b8:0")).unwrap();
            }
            devices.refresh([("sda", "8", "0")].into_iter());
            devices.devices[0].property("ID_FS_TYPE").to_owned()
        };
        assert_eq!(file_system(None), "");
        assert_eq!(file_system(Some("E:ID_FS_TYPE=ext4\n")), "ext4");
        assert_eq!(file_system(None), "ext4");
        assert_eq!(file_system(Some("E:ID_FS_TYPE=xfs\n")), "xfs");
    }
}
