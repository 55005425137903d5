//! The programs of PostgreSQL, and whom they run as.

use std::fs;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::Durability;

/// Where Debian keeps what is not in the search path, newest first.
const BELOW: &str = "/usr/lib/postgresql";

/// A program of PostgreSQL.
pub fn find(name: &str) -> PathBuf {
    let mut versions: Vec<PathBuf> =
        fs::read_dir(BELOW).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    versions.sort();
    let in_path = std::env::var_os("PATH").unwrap_or_default();
    let in_path = std::env::split_paths(&in_path).map(|folder| folder.join(name));
    let candidates = versions.into_iter().rev().map(|version| version.join("bin").join(name)).chain(in_path);
    let mut found = candidates.filter(|path| path.is_file());
    found.next().unwrap_or_else(|| panic!("PostgreSQL's {name} is missing; .ci/test-tools installs it"))
}

/// Makes the files of a server in `directory`.
pub fn make(directory: &Path) {
    if let Some((user, group)) = unprivileged() {
        chown(directory, Some(user), Some(group)).unwrap();
    }
    let output = as_user("initdb")
        .arg("--pgdata")
        .arg(directory.join("data"))
        .args(["--username=postgres", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C"])
        .output()
        .unwrap();
    assert!(output.status.success(), "initdb: {}", String::from_utf8_lossy(&output.stderr));
}

/// Starts the server in `directory`.
pub fn run(directory: &Path, port: u16, durability: Durability) -> Child {
    let log = fs::OpenOptions::new().create(true).append(true).open(directory.join("log")).unwrap();
    let mut command = as_user("postgres");
    command.arg("-D").arg(directory.join("data")).arg("-p").arg(port.to_string());
    let sockets = format!("unix_socket_directories={}", directory.display());
    let mut settings = vec!["listen_addresses=127.0.0.1", &sockets, "max_connections=50"];
    // After a crash: flushing file by file what is all on one disk takes longer.
    settings.push("recovery_init_sync_method=syncfs");
    if durability == Durability::None {
        settings.extend(["fsync=off", "full_page_writes=off", "synchronous_commit=on", "autovacuum=off"]);
    }
    for setting in settings {
        command.args(["-c", setting]);
    }
    // An interrupt from the terminal is for the test.
    command
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .unwrap()
}

fn as_user(name: &str) -> Command {
    let mut command = Command::new(find(name));
    command.current_dir("/");
    if let Some((user, group)) = unprivileged() {
        command.uid(user).gid(group);
    }
    command
}

/// Whom root runs it as; `None` for who is not root.
fn unprivileged() -> Option<(u32, u32)> {
    if !rustix::process::geteuid().is_root() {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").unwrap();
    let ids = |wanted: &str| {
        let line = users.lines().find(|line| line.split(':').next() == Some(wanted))?;
        let mut fields = line.split(':').skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    Some(ids("postgres").or_else(|| ids("nobody")).unwrap_or((65534, 65534)))
}

/// The processes that a process started.
pub fn children(parent: u32) -> Vec<i32> {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    let is_child = |id: &i32| {
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        let parent_field = stat.rsplit(')').next().unwrap_or_default().split_whitespace().nth(1);
        parent_field.and_then(|field| field.parse().ok()) == Some(parent)
    };
    ids.filter(is_child).collect()
}
