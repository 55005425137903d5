//! Where the host's files are.

use crate::host::Roots;

use super::key::{DefaultValue::Is, Key, Kind};
use super::reader::Reader;

static PROCFS: Key =
    Key::with_flag("paths.procfs", "path.procfs", Kind::Path, Is("/proc"), "Where /proc of the host is.");
static SYSFS: Key =
    Key::with_flag("paths.sysfs", "path.sysfs", Kind::Path, Is("/sys"), "Where /sys of the host is.");
static ROOTFS: Key = Key::with_flag(
    "paths.rootfs",
    "path.rootfs",
    Kind::Path,
    Is("/"),
    "Where the root of the host is; it is stripped from mount points.",
);
static UDEV_DATA: Key = Key::with_flag(
    "paths.udev_data",
    "path.udev.data",
    Kind::Path,
    Is("/run/udev/data"),
    "Where what udev knows about devices is.",
);

pub(super) static KEYS: &[&Key] = &[&PROCFS, &SYSFS, &ROOTFS, &UDEV_DATA];

pub(super) fn read(values: &mut Reader<'_>) -> Option<Roots> {
    let procfs = values.path(&PROCFS);
    let sysfs = values.path(&SYSFS);
    let rootfs = values.path(&ROOTFS);
    let udev = values.path(&UDEV_DATA);
    Some(Roots { procfs: procfs?, sysfs: sysfs?, rootfs: rootfs?, udev: udev? })
}
