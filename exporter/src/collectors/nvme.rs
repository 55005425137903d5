//! NVM Express controllers and their namespaces, from `/sys/class/nvme`.

use std::path::{Path, PathBuf};

use pratiko_metrics::exposition::Kind;

use crate::host::{CollectError, Collector, KeptFiles, Output, Setup, SetupError, Spec, sysfs};

pub(super) const SPEC: Spec = Spec {
    name: "nvme",
    on_by_default: true,
    about: "NVMe controllers and the size and use of their namespaces.",
    options: &[],
    build: |setup: &Setup<'_>| -> Result<Box<dyn Collector>, SetupError> {
        Ok(Box::new(Nvme { directory: setup.roots.sys("class/nvme"), files: KeptFiles::default() }))
    },
};

struct Nvme {
    directory: PathBuf,
    files: KeptFiles,
}

/// The labels of `node_nvme_info` after `device`, and their files.
const FACTS: [(&str, &str); 5] = [
    ("firmware_revision", "firmware_rev"),
    ("model", "model"),
    ("serial", "serial"),
    ("state", "state"),
    ("cntlid", "cntlid"),
];

struct Namespace {
    device: String,
    id: String,
    access_state: String,
    /// In bytes.
    size: u64,
    /// In bytes.
    used: u64,
    /// In bytes.
    logical_block_size: u64,
}

impl Collector for Nvme {
    fn collect(&mut self, output: &mut Output) -> Result<(), CollectError> {
        let devices = sysfs::names_in(&self.directory)
            .map_err(|error| CollectError::reading(&self.directory, "NVMe controllers", error))?;
        let mut facts = Vec::new();
        let mut namespaces = Vec::new();
        for device in &devices {
            let directory = self.directory.join(device);
            facts.push(FACTS.map(|(_, file)| self.text(&directory.join(file), output)));
            match sysfs::names_in(&directory) {
                Ok(names) => namespaces.extend(names.iter().filter_map(|name| {
                    let id = namespace_id(name)?;
                    self.namespace(device, id, &directory.join(name), output)
                })),
                Err(error) => output.skip(&directory, &error.to_string()),
            }
        }
        self.files
            .forget_unless(|path| devices.iter().any(|device| path.starts_with(self.directory.join(device))));

        let mut family = output.family("node_nvme_info", Kind::Gauge, "What the controller is; always 1.");
        for (device, texts) in devices.iter().zip(&facts) {
            let mut labels = vec![("device", device.as_str())];
            labels.extend(FACTS.iter().zip(texts).map(|((label, _), text)| (*label, text.as_str())));
            family.sample(&labels, 1);
        }
        write_namespaces(&namespaces, output);
        Ok(())
    }
}

impl Nvme {
    fn text(&mut self, path: &Path, output: &mut Output) -> String {
        match self.files.read(path) {
            Ok(content) => sysfs::text(content).into_owned(),
            Err(error) => {
                output.skip(path, &error.to_string());
                String::new()
            }
        }
    }

    fn number(&mut self, path: &Path, output: &mut Output) -> Option<u64> {
        let value = self.files.read(path).ok().and_then(sysfs::number);
        if value.is_none() {
            output.skip(path, "not a number");
        }
        value
    }

    fn namespace(&mut self, device: &str, id: &str, path: &Path, output: &mut Output) -> Option<Namespace> {
        let logical_block_size = self.number(&path.join("queue/logical_block_size"), output)?;
        let access_state = self.files.read(&path.join("ana_state")).map(sysfs::text);
        let access_state = access_state.map_or_else(|_| "unknown".to_owned(), Into::into);
        Some(Namespace {
            device: device.to_owned(),
            id: id.to_owned(),
            access_state,
            // The block layer counts in 512 bytes, the device's own use in its blocks.
            size: self.number(&path.join("size"), output)?.saturating_mul(512),
            used: self.number(&path.join("nuse"), output)?.saturating_mul(logical_block_size),
            logical_block_size,
        })
    }
}

/// The namespace of a path to it: `1` of `nvme0c0n1`.
fn namespace_id(name: &str) -> Option<&str> {
    let (controller, id) = name.strip_prefix("nvme")?.rsplit_once('n')?;
    let (subsystem, path) = controller.split_once('c')?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    [subsystem, path, id].into_iter().all(is_number).then_some(id)
}

fn write_namespaces(namespaces: &[Namespace], output: &mut Output) {
    let mut family =
        output.family("node_nvme_namespace_info", Kind::Gauge, "How the namespace is reached; always 1.");
    for namespace in namespaces {
        let Namespace { device, id, access_state, .. } = namespace;
        family.sample(&[("device", device), ("nsid", id), ("ana_state", access_state)], 1);
    }
    for (name, help, value) in FAMILIES {
        let mut family = output.family(name, Kind::Gauge, help);
        for namespace in namespaces {
            family.sample(&[("device", &namespace.device), ("nsid", &namespace.id)], value(namespace));
        }
    }
}

type Family = (&'static str, &'static str, fn(&Namespace) -> u64);

const FAMILIES: [Family; 4] = [
    ("node_nvme_namespace_capacity_bytes", "Capacity in bytes.", |namespace| namespace.size),
    ("node_nvme_namespace_size_bytes", "Size in bytes.", |namespace| namespace.size),
    ("node_nvme_namespace_used_bytes", "Bytes that are in use.", |namespace| namespace.used),
    ("node_nvme_namespace_logical_block_size_bytes", "Size of a block in bytes.", |namespace| {
        namespace.logical_block_size
    }),
];
