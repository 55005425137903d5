//! What reading the host costs at the least: the same files, and nothing made of them.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::process::own_cpu_time;
use crate::samples::Samples;
use crate::{Result, exporter::Exporter};

const PASSES: usize = 200;

/// What passes over the files took.
pub struct Floor {
    /// Processor time of a pass.
    pub cpu: Duration,
    /// How long each pass took.
    pub latency: Samples,
}

/// The files of `/proc` and `/sys` that an exporter keeps open.
pub fn kept_files(exporter: &Exporter) -> Result<Vec<PathBuf>> {
    let mut paths = BTreeSet::new();
    for entry in std::fs::read_dir(format!("/proc/{}/fd", exporter.pid()))? {
        // One may have been closed since the listing.
        if let Ok(path) = std::fs::read_link(entry?.path())
            && (path.starts_with("/proc") || path.starts_with("/sys"))
        {
            paths.insert(path);
        }
    }
    Ok(paths.into_iter().collect())
}

/// Opens, reads and closes each of them, again and again.
pub fn open_read_close(files: &[PathBuf]) -> Result<Floor> {
    let mut buffer = vec![0; 64 * 1024];
    passes(|| {
        for path in files {
            let mut file = File::open(path)?;
            // An attribute may refuse to be read (the speed of a link that is down): an answer too.
            while file.read(&mut buffer).is_ok_and(|count| count > 0) {}
        }
        Ok(())
    })
}

/// Reads each of them through a descriptor that is kept, again and again.
pub fn read_kept(files: &[PathBuf]) -> Result<Floor> {
    let files: Vec<File> = files.iter().map(File::open).collect::<std::io::Result<_>>()?;
    let mut buffer = vec![0; 64 * 1024];
    passes(|| {
        for file in &files {
            let mut position = 0;
            // Less than a page was all of it.
            while let Ok(count) = file.read_at(&mut buffer, position) {
                position += count as u64;
                if count < 4000 {
                    break;
                }
            }
        }
        Ok(())
    })
}

fn passes(mut pass: impl FnMut() -> Result<()>) -> Result<Floor> {
    pass()?;
    let mut latency = Samples::default();
    let before = own_cpu_time()?;
    for _ in 0..PASSES {
        let started = Instant::now();
        pass()?;
        latency.add(started.elapsed());
    }
    Ok(Floor { cpu: own_cpu_time()?.saturating_sub(before) / PASSES as u32, latency })
}
