//! Bonded network interfaces: how many members each has and how many of them work, from
//! `/sys/class/net`.

use std::io;
use std::path::{Path, PathBuf};

use pratiko_metrics::exposition::Kind;

use crate::host::{CollectError, Collector, KeptFile, KeptFiles, Output, Setup, SetupError, Spec};

pub(super) const SPEC: Spec = Spec {
    name: "bonding",
    on_by_default: true,
    about: "Members of bonded network interfaces, configured and working.",
    options: &[],
    build: |setup: &Setup<'_>| -> Result<Box<dyn Collector>, SetupError> {
        let directory = setup.roots.sys("class/net");
        Ok(Box::new(Bonds {
            masters: KeptFile::new(directory.join("bonding_masters")),
            directory,
            files: KeptFiles::default(),
        }))
    },
};

struct Bonds {
    directory: PathBuf,
    masters: KeptFile,
    files: KeptFiles,
}

struct Bond {
    name: String,
    members: u64,
    active: u64,
}

impl Collector for Bonds {
    fn collect(&mut self, output: &mut Output) -> Result<(), CollectError> {
        let path = self.masters.path().to_owned();
        let masters = self
            .masters
            .read_text()
            .map_err(|error| CollectError::reading(&path, "bonded interfaces", error))?
            .into_owned();
        let bonds: Vec<Bond> = masters
            .split_ascii_whitespace()
            .filter_map(|name| read_bond(&self.directory, name, &mut self.files, output))
            .collect();
        let mut members =
            output.family("node_bonding_slaves", Kind::Gauge, "Members that the bond is made of.");
        for bond in &bonds {
            members.sample(&[("master", &bond.name)], bond.members);
        }
        let mut active =
            output.family("node_bonding_active", Kind::Gauge, "Members of the bond that are up.");
        for bond in &bonds {
            active.sample(&[("master", &bond.name)], bond.active);
        }
        Ok(())
    }
}

fn read_bond(directory: &Path, name: &str, files: &mut KeptFiles, output: &mut Output) -> Option<Bond> {
    let directory = directory.join(name);
    let path = directory.join("bonding/slaves");
    let members = match files.read_trimmed(&path) {
        Ok(members) => members.into_owned(),
        Err(error) => {
            output.skip(&path, &error.to_string());
            return None;
        }
    };
    let mut bond = Bond { name: name.to_owned(), members: 0, active: 0 };
    for member in members.split_ascii_whitespace() {
        bond.members += 1;
        match read_status(&directory, member, files) {
            Ok(is_up) => bond.active += u64::from(is_up),
            Err(error) => output.skip(&directory, &format!("{member}: {error}")),
        }
    }
    Some(bond)
}

/// Whether a member works. Kernels before 3.17 call the link to it `slave_…`.
fn read_status(directory: &Path, member: &str, files: &mut KeptFiles) -> io::Result<bool> {
    let path = |prefix| directory.join(format!("{prefix}_{member}/bonding_slave/mii_status"));
    match files.read_trimmed(&path("lower")) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            files.read_trimmed(&path("slave")).map(|status| status == "up")
        }
        other => other.map(|status| status == "up"),
    }
}
