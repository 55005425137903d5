//! The kernel's random number generator, from `/proc/sys/kernel/random`.

use pratiko_metrics::exposition::Kind;

use crate::host::{CollectError, Collector, KeptFile, Output, Setup, SetupError, Spec};

pub(super) const SPEC: Spec = Spec {
    name: "entropy",
    on_by_default: true,
    about: "Available entropy and the size of its pool.",
    options: &[],
    build: |setup: &Setup<'_>| -> Result<Box<dyn Collector>, SetupError> {
        Ok(Box::new(Entropy {
            available: KeptFile::new(setup.roots.proc("sys/kernel/random/entropy_avail")),
            pool_size: KeptFile::new(setup.roots.proc("sys/kernel/random/poolsize")),
        }))
    },
};

struct Entropy {
    available: KeptFile,
    pool_size: KeptFile,
}

impl Collector for Entropy {
    fn collect(&mut self, output: &mut Output) -> Result<(), CollectError> {
        let families = [
            (&mut self.available, "node_entropy_available_bits", "Bits of available entropy."),
            (&mut self.pool_size, "node_entropy_pool_size_bits", "Bits of entropy pool."),
        ];
        for (file, name, help) in families {
            match file.read_number() {
                Ok(bits) => {
                    output.family(name, Kind::Gauge, help).sample(&[], bits);
                }
                Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
                    output.skip(file.path(), "expected a whole number");
                }
                Err(error) => return Err(CollectError::reading(file.path(), "entropy pool", error)),
            }
        }
        Ok(())
    }
}
