//! What a mount that hangs does to the others, and to the number of threads.

use std::fs;
use std::path::Path;
use std::sync::{Condvar, Mutex};
use std::time::Instant;

use pratiko_metrics::exposition::Format;

use super::*;
use crate::host::testing::TempDir;
use crate::host::{KernelTime, Options, Uname};

/// A system on which `statvfs` of a path with `hung` in it blocks until it is released.
#[derive(Default)]
struct HungSystem {
    state: Mutex<Blocked>,
    changed: Condvar,
}

#[derive(Default)]
struct Blocked {
    released: bool,
    waiting: usize,
    most_waiting: usize,
    calls: usize,
}

impl HungSystem {
    fn release(&self) {
        self.state.lock().unwrap().released = true;
        self.changed.notify_all();
    }

    /// (calls of paths that hang, most of them at a time)
    fn counts(&self) -> (usize, usize) {
        let state = self.state.lock().unwrap();
        (state.calls, state.most_waiting)
    }
}

impl System for HungSystem {
    fn statvfs(&self, path: &Path) -> io::Result<FileSystemStats> {
        if path.to_string_lossy().contains("hung") {
            let mut state = self.state.lock().unwrap();
            state.calls += 1;
            state.waiting += 1;
            state.most_waiting = state.most_waiting.max(state.waiting);
            let mut state = self.changed.wait_while(state, |state| !state.released).unwrap();
            state.waiting -= 1;
        }
        Ok(FileSystemStats { size_bytes: 1000, ..FileSystemStats::default() })
    }

    fn uname(&self) -> Uname {
        Uname::default()
    }

    fn adjtimex(&self) -> io::Result<KernelTime> {
        Ok(KernelTime::default())
    }

    fn now_seconds(&self) -> f64 {
        0.0
    }

    fn time_zone(&self) -> (String, i32) {
        ("UTC".to_owned(), 0)
    }

    fn page_bytes(&self) -> u64 {
        4096
    }
}

struct Host {
    dir: TempDir,
    system: Arc<HungSystem>,
    collector: Box<dyn Collector>,
}

impl Host {
    fn new(mounts: &[(u32, &str)]) -> Self {
        Self::with_root("/", mounts)
    }

    fn with_root(root: &str, mounts: &[(u32, &str)]) -> Self {
        let dir = TempDir::new();
        write_table(&dir, mounts);
        let roots = Roots { procfs: dir.path().into(), rootfs: root.into(), ..Roots::default() };
        let mut options = Options::default();
        options.set("filesystem.mount-timeout", "2s");
        let system = Arc::new(HungSystem::default());
        let handle: Arc<dyn System> = Arc::clone(&system) as _;
        let setup = Setup { roots: &roots, options: &options, system: &handle };
        Self { collector: (SPEC.build)(&setup).unwrap(), dir, system }
    }

    /// The mount points with a size, and those that timed out.
    fn scrape(&mut self) -> (Vec<String>, Vec<String>) {
        let mut output = Output::new(Format::Text);
        self.collector.collect(&mut output).unwrap();
        assert_eq!(output.skipped(), 0);
        let page = String::from_utf8(output.page().clone().finish()).unwrap();
        let mount_points = |start: &str, end: &str| {
            page.lines()
                .filter(|line| line.starts_with(start) && line.ends_with(end))
                .map(|line| line.split('"').nth(3).unwrap().to_owned())
                .collect()
        };
        (
            mount_points("node_filesystem_size_bytes{", " 1000"),
            mount_points("node_filesystem_device_error{", r#"device_error="mountpoint timeout"} 1"#),
        )
    }
}

fn write_table(dir: &TempDir, mounts: &[(u32, &str)]) {
    let lines: Vec<_> =
        mounts.iter().map(|(id, path)| format!("{id} 1 8:{id} / {path} rw - ext4 /dev/sda{id} rw")).collect();
    fs::create_dir_all(dir.path().join("1")).unwrap();
    fs::write(dir.path().join("1/mountinfo"), lines.join("\n")).unwrap();
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn a_mount_that_hangs_costs_its_own_series_and_one_thread() {
    let mut host = Host::new(&[(1, "/"), (2, "/hung"), (3, "/after")]);
    for _ in 0..3 {
        assert_eq!(host.scrape(), (strings(&["/", "/after"]), strings(&["/hung"])));
    }

    host.system.release();
    let deadline = Instant::now() + Duration::from_secs(20);
    while host.scrape() != (strings(&["/", "/hung", "/after"]), vec![]) {
        assert!(Instant::now() < deadline, "the mount never came back");
        std::thread::yield_now();
    }
    // Once while it hung, and once when it was back.
    assert_eq!(host.system.counts(), (2, 1));
}

#[test]
fn mounts_may_come_and_go_while_one_hangs() {
    let mut host = Host::new(&[(1, "/"), (2, "/hung")]);
    assert_eq!(host.scrape(), (strings(&["/"]), strings(&["/hung"])));

    write_table(&host.dir, &[(1, "/"), (3, "/data"), (2, "/hung")]);
    assert_eq!(host.scrape(), (strings(&["/", "/data"]), strings(&["/hung"])));

    // Lazily unmounted while its call still hangs.
    write_table(&host.dir, &[(3, "/data"), (4, "/more"), (5, "/yet/more")]);
    assert_eq!(host.scrape(), (strings(&["/data", "/more", "/yet/more"]), vec![]));

    // Mounted again, it is another mount, and hangs by itself.
    write_table(&host.dir, &[(3, "/data"), (6, "/hung")]);
    assert_eq!(host.scrape(), (strings(&["/data"]), strings(&["/hung"])));
    assert_eq!(host.scrape(), (strings(&["/data"]), strings(&["/hung"])));
    host.system.release();
    let deadline = Instant::now() + Duration::from_secs(20);
    while host.scrape() != (strings(&["/data", "/hung"]), vec![]) {
        assert!(Instant::now() < deadline, "the mount never came back");
        std::thread::yield_now();
    }
    // One for each of the two mounts while they hung, and one when the second was back.
    assert_eq!(host.system.counts(), (3, 2));
}

#[test]
fn mount_points_are_named_as_the_host_names_them() {
    let mut host = Host::with_root("/host", &[(1, "/"), (2, "/host"), (3, "/host/var"), (4, "/hostile")]);
    assert_eq!(host.scrape(), (strings(&["/", "/", "/var", "/hostile"]), vec![]));
}

#[test]
fn many_that_hang_together_share_one_patience() {
    let timeout = Duration::from_millis(400);
    let together: Duration = (0..12).map(|hung| patience(timeout, hung)).sum();
    assert!(together < Duration::from_secs(1), "{together:?} is more than the collector may take");
    assert_eq!(patience(timeout, 0), timeout);
    assert_eq!(patience(timeout, 1), timeout / 2);
    assert!(patience(timeout, usize::MAX) > Duration::ZERO);
}
