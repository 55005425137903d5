//! An exporter that runs while it is measured.

use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::client::{Client, scrape_request};
use crate::{Result, Setting};

/// node_exporter runs these unless told otherwise, and the daemon does not have them; `systemd` it
/// does, and switches it on no more than upstream's node_exporter does (Debian's is different).
const ONLY_NODE_EXPORTER_RUNS: &[&str] = &[
    "bcache",
    "btrfs",
    "fibrechannel",
    "infiniband",
    "ipvs",
    "nfs",
    "nfsd",
    "systemd",
    "tapestats",
    "xfs",
    "zfs",
];

/// A running exporter; it is stopped with the value.
pub struct Exporter {
    child: Child,
    address: SocketAddr,
}

impl Exporter {
    /// Starts our daemon on the ledger in `directory`.
    pub fn ours(setting: &Setting, directory: &Path) -> Result<Self> {
        Self::ours_with(setting, directory, &[])
    }

    /// The same with further flags.
    pub fn ours_with(setting: &Setting, directory: &Path, flags: &[&str]) -> Result<Self> {
        let mut command = Command::new(&setting.daemon);
        command.arg("--ledger.path").arg(directory).args(flags);
        // A ledger of ten million events is read at the start.
        Self::start(command, setting, "daemon.log", Duration::from_secs(300))
    }

    /// Starts node_exporter with the collectors that both have.
    pub fn theirs(setting: &Setting) -> Result<Self> {
        let mut command = Command::new(&setting.node_exporter);
        command.args(ONLY_NODE_EXPORTER_RUNS.iter().map(|name| format!("--no-collector.{name}")));
        Self::start(command, setting, "node_exporter.log", Duration::from_secs(10))
    }

    fn start(mut command: Command, setting: &Setting, log: &str, patience: Duration) -> Result<Self> {
        // Free now; whoever takes it in between makes the start fail, and says so.
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let log = File::create(setting.data.join(log))?;
        let child = command
            .arg(format!("--web.listen-address={address}"))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        let mut exporter = Self { child, address };
        let started = Instant::now();
        loop {
            if let Ok(mut client) = exporter.client()
                && client.send(&scrape_request(false)).is_ok_and(|answer| answer.status == 200)
            {
                return Ok(exporter);
            }
            if let Some(status) = exporter.child.try_wait()? {
                return Err(format!("{command:?} ended: {status}").into());
            }
            if started.elapsed() > patience {
                return Err(format!("{command:?} does not answer").into());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// A new connection to it.
    pub fn client(&self) -> Result<Client> {
        Client::connect(self.address)
    }

    /// The names of the collectors that run.
    pub fn collectors(&self) -> Result<Vec<String>> {
        let page = self.page()?;
        let lines =
            page.lines().filter_map(|line| line.strip_prefix("node_scrape_collector_success{collector=\""));
        let mut names: Vec<String> =
            lines.filter_map(|rest| rest.split_once('"')).map(|(name, _)| name.to_owned()).collect();
        names.sort_unstable();
        Ok(names)
    }

    /// The value of the series `name` on the page, labels included.
    pub fn value(&self, name: &str) -> Result<Option<f64>> {
        let page = self.page()?;
        let found = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        Ok(found.map(str::parse).transpose()?)
    }

    fn page(&self) -> Result<String> {
        let mut client = self.client()?;
        let answer = client.send(&scrape_request(false))?;
        Ok(String::from_utf8_lossy(&answer.text()).into_owned())
    }
}

impl Drop for Exporter {
    fn drop(&mut self) {
        if let Some(pid) = Pid::from_raw(self.child.id().cast_signed()) {
            // It may have ended by itself.
            let _ = kill_process(pid, Signal::TERM);
        }
        let asked = Instant::now();
        while asked.elapsed() < Duration::from_secs(20) {
            if matches!(self.child.try_wait(), Ok(Some(_)) | Err(_)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
