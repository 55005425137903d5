//! OpenMetrics into blocks, by promtool.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::HistoryError;
use super::columns::Columns;
use super::period::BLOCK;

/// Writes columns to files and has blocks made of them, two files at a time.
pub struct BlockMaker {
    files: PathBuf,
    blocks: PathBuf,
    keeps_files: bool,
    running: Vec<(Child, PathBuf)>,
}

/// More would wait for each other.
const AT_ONCE: usize = 2;

impl BlockMaker {
    /// Files go below `output/openmetrics`, blocks into `output/blocks`.
    pub fn new(output: &Path, keeps_files: bool) -> Result<Self, HistoryError> {
        let (files, blocks) = (output.join("openmetrics"), output.join("blocks"));
        for directory in [&files, &blocks] {
            fs::create_dir_all(directory).map_err(|error| HistoryError::file(directory, error))?;
        }
        Ok(Self { files, blocks, keeps_files, running: Vec::new() })
    }

    /// Where blocks are.
    pub fn blocks(&self) -> &Path {
        &self.blocks
    }

    /// Has blocks made of these, while the caller goes on.
    pub fn make(&mut self, name: &str, columns: &Columns) -> Result<(), HistoryError> {
        if columns.is_empty() {
            return Ok(());
        }
        let file = self.files.join(format!("{name}-{}.om", columns.period().from));
        write(&file, columns).map_err(|error| HistoryError::file(&file, error))?;
        while self.running.len() >= AT_ONCE {
            self.wait_for_first()?;
        }
        let child = Command::new("promtool")
            .args(["tsdb", "create-blocks-from", "--quiet"])
            .arg(format!("--max-block-duration={BLOCK}s"))
            .arg("openmetrics")
            .args([&file, &self.blocks])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| HistoryError::Program { program: "promtool", error })?;
        self.running.push((child, file));
        Ok(())
    }

    /// Waits until all blocks are there.
    pub fn wait(&mut self) -> Result<(), HistoryError> {
        while !self.running.is_empty() {
            self.wait_for_first()?;
        }
        Ok(())
    }

    fn wait_for_first(&mut self) -> Result<(), HistoryError> {
        let (child, file) = self.running.remove(0);
        let output =
            child.wait_with_output().map_err(|error| HistoryError::Program { program: "promtool", error })?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            return Err(HistoryError::Promtool { file, said });
        }
        if !self.keeps_files {
            fs::remove_file(&file).map_err(|error| HistoryError::file(&file, error))?;
        }
        Ok(())
    }
}

fn write(file: &Path, columns: &Columns) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(file)?);
    columns.write(&mut out)?;
    out.flush()
}
