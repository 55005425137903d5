//! How far it is, for somebody who waits.

use std::io::{IsTerminal, Write, stderr};

const WIDTH: usize = 30;

/// A bar on a terminal, and elsewhere a line now and then. It is written to standard error.
pub struct Progress {
    what: &'static str,
    whole: usize,
    done: usize,
    /// The last tenth (on a terminal, hundredth) that was shown.
    shown: Option<usize>,
    is_terminal: bool,
}

impl Progress {
    /// Of something that has so many parts.
    pub fn new(what: &'static str, whole: usize) -> Self {
        Self { what, whole: whole.max(1), done: 0, shown: None, is_terminal: stderr().is_terminal() }
    }

    /// So many more are done.
    pub fn add(&mut self, parts: usize) {
        self.done = (self.done + parts).min(self.whole);
        let steps = if self.is_terminal { 100 } else { 10 };
        let step = self.done * steps / self.whole;
        if self.shown != Some(step) {
            self.shown = Some(step);
            // Nobody is there to be told that nobody can be told.
            let _ = writeln_or_over(self.is_terminal, &self.line());
        }
    }

    fn line(&self) -> String {
        let Self { what, whole, done, .. } = self;
        let percent = done * 100 / whole;
        if !self.is_terminal {
            return format!("{what}: {percent} % ({done} of {whole})");
        }
        let full = done * WIDTH / whole;
        let end = if done == whole { "\n" } else { "" };
        format!("{what} [{}{}] {percent:3} %{end}", "#".repeat(full), ".".repeat(WIDTH - full))
    }
}

fn writeln_or_over(is_terminal: bool, line: &str) -> std::io::Result<()> {
    let mut out = stderr().lock();
    if is_terminal {
        write!(out, "\r{line}")?;
    } else {
        writeln!(out, "{line}")?;
    }
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_how_far_it_is() {
        let mut progress = Progress { what: "events", whole: 200, done: 0, shown: None, is_terminal: false };
        progress.add(50);
        assert_eq!(progress.line(), "events: 25 % (50 of 200)");
        progress.is_terminal = true;
        assert_eq!(progress.line(), "events [#######.......................]  25 %");
        progress.add(1000);
        assert_eq!(progress.line(), "events [##############################] 100 %\n");
    }
}
