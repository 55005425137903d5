//! A PostgreSQL server of a test's own: in a directory for temporary files, on a free port of the
//! loopback address, gone when the test's process is, however it ends.
//!
//! Of the real thing, as Debian packages it. PostgreSQL refuses to run as root: a test that does runs
//! it as `postgres` or as `nobody`.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a test that cannot go on ends"
)]

mod program;

use std::fs;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// How long a test waits for the server, on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(60);

/// Ends the server and removes its directory once nobody holds the other end of its input: also
/// when the test is killed.
const WATCHDOG: &str = r#"
cat >/dev/null
pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null) && kill -QUIT "$pid" 2>/dev/null
while [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
rm -rf "$1"
"#;

/// What survives a crash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Every commit is on disk: for tests that kill the server.
    Full,
    /// Nothing is ever flushed: quicker, for all other tests.
    None,
}

/// A running server.
pub struct Server {
    directory: PathBuf,
    port: u16,
    durability: Durability,
    postmaster: Child,
    watchdog: Child,
    /// Closing it is what the watchdog waits for.
    leash: Option<ChildStdin>,
}

impl Server {
    /// Makes a server and starts it.
    pub fn start(durability: Durability) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let directory =
            std::env::temp_dir().join(format!("pratiko-postgres-{}-{number}", std::process::id()));
        fs::create_dir_all(&directory).unwrap();
        let mut watchdog = Command::new("sh")
            .args(["-c", WATCHDOG, "sh"])
            .arg(&directory)
            .stdin(Stdio::piped())
            // An interrupt from the terminal is for the test.
            .process_group(0)
            .spawn()
            .unwrap();
        let leash = watchdog.stdin.take();
        program::make(&directory);
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let postmaster = program::run(&directory, port, durability);
        let mut server = Self { directory, port, durability, postmaster, watchdog, leash };
        server.wait_until_up();
        server
    }

    /// Where a database of it is.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// Where a database of it is, by the socket in its directory.
    pub fn socket(&self, database: &str) -> String {
        format!("host={} port={} user=postgres dbname={database}", self.directory.display(), self.port)
    }

    /// Runs statements in a database, each in a transaction of its own, and returns what was printed.
    pub fn sql(&self, database: &str, statements: &str) -> String {
        let output = Command::new(program::find("psql"))
            .args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"])
            .args(["--dbname", &self.url(database), "--command", statements])
            .output()
            .unwrap();
        assert!(output.status.success(), "{statements}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    /// Kills the server and all of its processes with SIGKILL, at once.
    pub fn kill(&mut self) {
        let postmaster = Pid::from_child(&self.postmaster);
        let children = program::children(self.postmaster.id());
        let _ = kill_process(postmaster, Signal::KILL);
        for child in children.into_iter().filter_map(Pid::from_raw) {
            let _ = kill_process(child, Signal::KILL);
        }
        self.postmaster.wait().unwrap();
    }

    /// Starts it again after [`Server::kill`]; it recovers what was committed.
    pub fn restart(&mut self) {
        self.postmaster = program::run(&self.directory, self.port, self.durability);
        self.wait_until_up();
    }

    fn wait_until_up(&mut self) {
        let begun = Instant::now();
        while !self.answers() {
            if let Ok(Some(_)) = self.postmaster.try_wait() {
                // Processes of the one that was killed were still there, or somebody took the port.
                self.postmaster = program::run(&self.directory, self.port, self.durability);
            }
            assert!(begun.elapsed() < PATIENCE, "PostgreSQL did not start:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn answers(&self) -> bool {
        let port = self.port.to_string();
        let asked = Command::new(program::find("pg_isready"))
            .args(["--quiet", "--host=127.0.0.1", "--username=postgres", "--port", &port])
            .status();
        asked.unwrap().success()
    }

    fn log(&self) -> String {
        fs::read_to_string(self.directory.join("log")).unwrap_or_default()
    }

    /// The server's directory.
    pub fn directory(&self) -> &Path {
        &self.directory
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.leash.take());
        // The watchdog waits until it is gone, and it is not gone before it was waited for.
        let _ = self.postmaster.wait();
        let _ = self.watchdog.wait();
    }
}
