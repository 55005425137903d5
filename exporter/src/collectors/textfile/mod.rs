//! Metrics that others left in `*.prom` files: a script that ran, a backup that ended.
//!
//! Nothing in such a file can spoil the page. What cannot be read is passed over line by line, what
//! would be on the page twice is passed over the second time, and both are counted.

mod family;
mod glob;

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use pratiko_metrics::exposition::Kind;
use pratiko_metrics::exposition::reading::line;

use self::family::{Families, FileFamilies};
use self::glob::Glob;
use crate::host::{CollectError, Collector, OptionKind, OptionSpec, Output, Setup, SetupError, Spec};

const DIRECTORY: OptionSpec = OptionSpec {
    name: "textfile.directory",
    kind: OptionKind::Texts,
    default: "",
    help: "Directory to read *.prom files from; may be a pattern, and may be given several times.",
};

pub(super) const SPEC: Spec = Spec {
    name: "textfile",
    on_by_default: true,
    about: "Metrics from *.prom files that other programs write.",
    options: &[DIRECTORY],
    build: |setup: &Setup<'_>| -> Result<Box<dyn Collector>, SetupError> {
        let directories = setup
            .options
            .texts(&DIRECTORY)
            .filter(|directory| !directory.is_empty())
            .map(Glob::new)
            .collect();
        Ok(Box::new(TextFiles { directories, content: Vec::new() }))
    },
};

struct TextFiles {
    directories: Vec<Glob>,
    /// What the file being read holds; kept to be filled again.
    content: Vec<u8>,
}

impl Collector for TextFiles {
    fn collect(&mut self, output: &mut Output) -> Result<(), CollectError> {
        let mut families = Families::default();
        let mut read_in_full = Vec::new();
        for path in self.files(output) {
            match self.read(&path, output) {
                Ok((from_file, modified)) => {
                    // A file that is partly understood must not look fresh.
                    if let Some(seconds) = modified {
                        read_in_full.push((path.to_string_lossy().into_owned(), seconds));
                    }
                    families.add(from_file, &path, output);
                }
                Err(reason) => output.skip(&path, &reason),
            }
        }
        families.write(output);
        let mut mtimes = output.family(
            "node_textfile_mtime_seconds",
            Kind::Gauge,
            "Unixtime mtime of textfiles successfully read.",
        );
        for (path, seconds) in &read_in_full {
            mtimes.sample(&[("file", path)], *seconds);
        }
        let has_error = output.skipped() > 0;
        output
            .family(
                "node_textfile_scrape_error",
                Kind::Gauge,
                "1 if anything in the text files could not be read or used, 0 otherwise.",
            )
            .sample(&[], has_error);
        Ok(())
    }
}

impl TextFiles {
    /// All `*.prom` files, sorted, each once.
    fn files(&self, output: &mut Output) -> BTreeSet<PathBuf> {
        let mut files = BTreeSet::new();
        for directory in self.directories.iter().flat_map(Glob::expand) {
            match fs::read_dir(&directory) {
                Ok(entries) => files.extend(
                    entries
                        .flatten()
                        .map(|entry| entry.path())
                        .filter(|path| path.as_os_str().as_encoded_bytes().ends_with(b".prom")),
                ),
                Err(error) => output.skip(&directory, &error.to_string()),
            }
        }
        files
    }

    /// The families of one file, and when it was modified (whole seconds) if all of it was understood.
    fn read(&mut self, path: &Path, output: &mut Output) -> Result<(FileFamilies, Option<u64>), String> {
        let metadata = fs::metadata(path).map_err(|error| error.to_string())?;
        // Opening a pipe would wait for its writer.
        if !metadata.is_file() {
            return Err("not a regular file".to_owned());
        }
        self.content.clear();
        read_whole(path, &mut self.content).map_err(|error| error.to_string())?;

        let skipped = output.skipped();
        let mut families = FileFamilies::default();
        for line in self.content.split_inclusive(|byte| *byte == b'\n') {
            let understood = match line.strip_suffix(b"\n") {
                Some(line) => std::str::from_utf8(line)
                    .map_err(|_| "not UTF-8")
                    .and_then(line::parse)
                    .and_then(|line| families.add(line)),
                // Whoever writes this file is not done: half a number is another number.
                None => Err("the last line does not end"),
            };
            if let Err(reason) = understood {
                output.skip(path, reason);
            }
        }
        if families.has_timestamps() {
            return Err("timestamps are not supported, the whole file is left out".to_owned());
        }
        let modified = metadata
            .modified()
            .ok()
            .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
            .filter(|_| output.skipped() == skipped);
        Ok((families, modified.map(|since_epoch| since_epoch.as_secs())))
    }
}

fn read_whole(path: &Path, content: &mut Vec<u8>) -> io::Result<()> {
    File::open(path)?.read_to_end(content).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::testing::TempDir;
    use pratiko_metrics::exposition::{Format, Page};

    /// The page that one file makes, and how much of the file was passed over.
    fn page_of(content: &[u8]) -> (String, u64) {
        let dir = TempDir::new();
        fs::write(dir.path().join("a.prom"), content).unwrap();
        let mut output = Output::new(Format::Text);
        collector(dir.path()).collect(&mut output).unwrap();
        let mut page = Page::new(Format::Text);
        output.append_foreign_to(&mut page, |_| false);
        (String::from_utf8(page.finish()).unwrap(), output.skipped())
    }

    fn collector(directory: &Path) -> TextFiles {
        TextFiles { directories: vec![Glob::new(directory.to_str().unwrap())], content: Vec::new() }
    }

    #[test]
    fn half_a_last_line_is_left_out() {
        let (page, skipped) =
            page_of(b"# TYPE a gauge\n# HELP a A.\na 1\n# TYPE b gauge\n# HELP b B.\nb 123");
        assert_eq!(page, "# HELP a A.\n# TYPE a gauge\na 1\n");
        assert_eq!(skipped, 1);
    }

    #[test]
    fn bytes_that_are_not_text_cost_their_line() {
        let (page, skipped) = page_of(b"# HELP a A.\na{x=\"\xff\"} 1\na{x=\"y\"} 2\n");
        assert_eq!(page, "# HELP a A.\n# TYPE a untyped\na{x=\"y\"} 2\n");
        assert_eq!(skipped, 1);
    }

    #[test]
    fn a_pipe_is_not_waited_for() {
        let dir = TempDir::new();
        let pipe = dir.path().join("pipe.prom");
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &pipe,
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::from_raw_mode(0o600),
            0,
        )
        .unwrap();
        let mut output = Output::new(Format::Text);
        collector(dir.path()).collect(&mut output).unwrap();
        assert_eq!(output.skipped(), 1);
    }

    #[test]
    fn whatever_is_in_a_file_the_page_is_one_that_can_be_read() {
        let good = "# HELP a A \\\\ help.\n# TYPE a counter\na{x=\"1\",y=\"2\"} 1\na{x=\"2\"} 2\n\
                    # TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"2\"} 2\nh_bucket{le=\"+Inf\"} 3\n\
                    h_sum 4\nh_count 3\n# TYPE s summary\ns{quantile=\"0.5\"} 1\ns_sum 2\ns_count 3\nu 1\n";
        // A fixed sequence of pseudo-random numbers: the same files in every run.
        let mut seed = 1_u64;
        let mut random = |below: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize % below
        };
        for _ in 0..3_000 {
            let mut lines: Vec<Vec<u8>> = good.lines().map(|line| line.as_bytes().to_vec()).collect();
            for _ in 0..=random(4) {
                let count = lines.len();
                let line = random(count);
                match random(4) {
                    0 => lines.swap(line, random(count)),
                    1 => lines.push(lines[line].clone()),
                    2 => drop(lines.remove(line)),
                    _ => {
                        let position = random(lines[line].len().max(1)).min(lines[line].len());
                        lines[line].insert(position, b"\"\\{}=,# _a1\xff\n"[random(13)]);
                    }
                }
            }
            let (page, _) = page_of(&[lines.join(&b'\n'), b"\n".to_vec()].concat());
            let mut families = FileFamilies::default();
            for text in page.lines() {
                let understood = line::parse(text).and_then(|line| families.add(line));
                assert_eq!(understood, Ok(()), "{text}\nof\n{page}");
            }
        }
    }
}
