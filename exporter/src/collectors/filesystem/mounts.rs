//! The table of mounts, `/proc/<process>/mountinfo`.

use std::collections::HashSet;

/// One mounted filesystem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mount {
    /// The kernel's number for this mount, for as long as it is mounted.
    pub id: String,
    /// The device's major number.
    pub major: String,
    /// The device's minor number.
    pub minor: String,
    /// Where it is mounted.
    pub place: String,
    /// What is mounted, as the table writes it.
    pub device: String,
    /// The filesystem's type.
    pub fs_type: String,
    /// Whether the mount or the whole filesystem is read-only.
    pub read_only: bool,
}

impl Mount {
    /// Reads one line, such as
    /// `36 35 98:0 / /mnt rw,noatime shared:1 - ext3 /dev/sdb1 rw,errors=continue`.
    pub(super) fn parse(line: &str) -> Option<Self> {
        // One space each: what is mounted may have an empty name.
        let mut words = line.split(' ');
        let id = words.next()?;
        let _parent = words.next()?;
        let (major, minor) = words.next()?.split_once(':')?;
        let _root = words.next()?;
        let mount_point = words.next()?;
        let options = words.next()?;
        words.by_ref().find(|word| *word == "-")?;
        let fs_type = words.next()?;
        let device = words.next()?;
        let fs_options = words.next()?;
        for number in [id, major, minor] {
            number.parse::<u32>().ok()?;
        }
        Some(Self {
            id: id.to_owned(),
            major: major.to_owned(),
            minor: minor.to_owned(),
            place: unescape(mount_point),
            device: device.to_owned(),
            fs_type: fs_type.to_owned(),
            read_only: [options, fs_options].iter().any(|list| list.split(',').any(|option| option == "ro")),
        })
    }
}

/// Leaves of the mounts that would have the same labels only the last, which is the one that is seen.
pub(super) fn without_repetitions(mounts: Vec<Mount>) -> Vec<Mount> {
    let mut seen = HashSet::new();
    let mut visible: Vec<_> = mounts
        .into_iter()
        .rev()
        .filter(|mount| seen.insert((mount.device.clone(), mount.place.clone(), mount.fs_type.clone())))
        .collect();
    visible.reverse();
    visible
}

/// The table writes white space and backslashes as a backslash and three octal digits.
fn unescape(text: &str) -> String {
    if !text.contains('\\') {
        return text.to_owned();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let code = if first == b'\\' { after.get(..3).and_then(octal) } else { None };
        bytes.push(code.unwrap_or(first));
        rest = if code.is_some() { &after[3..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn octal(digits: &[u8]) -> Option<u8> {
    u8::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_optional_fields_and_escapes() {
        let mount = Mount::parse(
            r"36 35 98:0 /mnt1 /my\040disk\134x rw,noatime shared:1 master:2 - ext3 /dev/sdb1 ro,errors=continue",
        )
        .unwrap();
        assert_eq!(mount.place, r"/my disk\x");
        assert_eq!((mount.major.as_str(), mount.minor.as_str()), ("98", "0"));
        assert_eq!((mount.device.as_str(), mount.fs_type.as_str()), ("/dev/sdb1", "ext3"));
        assert!(mount.read_only);
    }

    #[test]
    fn a_device_may_have_no_name() {
        let mount = Mount::parse("36 35 0:30 / /x rw - tmpfs  rw,size=4k").unwrap();
        assert_eq!((mount.device.as_str(), mount.read_only), ("", false));
    }

    #[test]
    fn what_is_no_mount_is_refused() {
        assert_eq!(Mount::parse(""), None);
        assert_eq!(Mount::parse("36 35 98:0 / /x rw ext3 /dev/sdb1 rw"), None, "no separator");
        assert_eq!(Mount::parse("36 35 98 / /x rw - ext3 /dev/sdb1 rw"), None, "no minor number");
    }
}
