//! The names of the kernel and of the host, from the `uname` system call.

use std::sync::Arc;

use pratiko_metrics::exposition::Kind;

use crate::host::{CollectError, Collector, Output, Setup, SetupError, Spec, System};

pub(super) const SPEC: Spec = Spec {
    name: "uname",
    on_by_default: true,
    about: "The kernel's version and the host's name.",
    options: &[],
    build: |setup: &Setup<'_>| -> Result<Box<dyn Collector>, SetupError> {
        Ok(Box::new(Names { system: Arc::clone(setup.system) }))
    },
};

struct Names {
    system: Arc<dyn System>,
}

impl Collector for Names {
    fn collect(&mut self, output: &mut Output) -> Result<(), CollectError> {
        let names = self.system.uname();
        output
            .family("node_uname_info", Kind::Gauge, "The names that the uname system call gives; always 1.")
            .sample(
                &[
                    ("sysname", &names.sysname),
                    ("release", &names.release),
                    ("version", &names.version),
                    ("machine", &names.machine),
                    ("nodename", &names.nodename),
                    ("domainname", &names.domainname),
                ],
                1,
            );
        Ok(())
    }
}
