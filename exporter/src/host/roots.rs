//! Where the host's files are, which is not always `/`: in a container they are mounted elsewhere.

use std::path::{Path, PathBuf};

/// The roots of the trees that collectors read.
#[derive(Debug, Clone)]
pub struct Roots {
    /// `--path.procfs`.
    pub procfs: PathBuf,
    /// `--path.sysfs`.
    pub sysfs: PathBuf,
    /// `--path.rootfs`.
    pub rootfs: PathBuf,
    /// `--path.udev.data`.
    pub udev: PathBuf,
}

impl Default for Roots {
    fn default() -> Self {
        Self {
            procfs: "/proc".into(),
            sysfs: "/sys".into(),
            rootfs: "/".into(),
            udev: "/run/udev/data".into(),
        }
    }
}

impl Roots {
    /// A path below `/proc`.
    pub fn proc(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.procfs.join(relative)
    }

    /// A path below `/sys`.
    pub fn sys(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.sysfs.join(relative)
    }

    /// A path of the host, given as the host itself would write it.
    pub fn root(&self, absolute: impl AsRef<Path>) -> PathBuf {
        let absolute = absolute.as_ref();
        self.rootfs.join(absolute.strip_prefix("/").unwrap_or(absolute))
    }

    /// What the host calls `path`: `--path.rootfs` is stripped, so that a filesystem seen from a
    /// container carries the host's mount point.
    pub fn as_host_sees<'path>(&self, path: &'path str) -> &'path str {
        let Some(prefix) = self.rootfs.to_str().filter(|prefix| *prefix != "/") else { return path };
        match path.strip_prefix(prefix.trim_end_matches('/')) {
            Some("") => "/",
            Some(rest) if rest.starts_with('/') => rest,
            _ => path,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mount_points_lose_the_prefix_of_the_host_root_and_nothing_else() {
        let roots = Roots { rootfs: "/host".into(), ..Roots::default() };
        assert_eq!(roots.as_host_sees("/host"), "/");
        assert_eq!(roots.as_host_sees("/host/var"), "/var");
        assert_eq!(roots.as_host_sees("/hostile"), "/hostile");
        assert_eq!(Roots::default().as_host_sees("/var"), "/var");
        assert_eq!(roots.root("/etc/os-release"), Path::new("/host/etc/os-release"));
    }
}
