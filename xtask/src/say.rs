//! Lines of progress, on stderr, and results, on stdout.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// One line. That nobody reads it is no reason to stop.
pub fn line(text: impl std::fmt::Display) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Lines that another process has said.
pub fn text(lines: &str) {
    let _ = std::io::stderr().write_all(lines.as_bytes());
}

/// A line on stdout, for machines or people; here it matters that it arrives.
pub fn result(text: impl std::fmt::Display) -> anyhow::Result<()> {
    use anyhow::Context;
    writeln!(std::io::stdout(), "{text}").context("writing to stdout")
}

/// How far something is: on a terminal one line that changes, else a line every few seconds.
pub struct Progress {
    last: Option<Instant>,
    shown: String,
}

impl Progress {
    const BETWEEN: Duration = Duration::from_secs(15);

    /// Nothing is shown yet.
    pub fn new() -> Progress {
        Progress {
            last: None,
            shown: String::new(),
        }
    }

    /// Shows `text` if it is time to.
    pub fn show(&mut self, text: &str) {
        if text == self.shown {
            return;
        }
        if std::io::stderr().is_terminal() {
            let _ = write!(std::io::stderr(), "\r           {text}\x1b[K");
        } else if self.last.is_none_or(|last| last.elapsed() > Progress::BETWEEN) {
            line(format!("           {text}"));
            self.last = Some(Instant::now());
        } else {
            return;
        }
        text.clone_into(&mut self.shown);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if !self.shown.is_empty() && std::io::stderr().is_terminal() {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}

impl Default for Progress {
    fn default() -> Progress {
        Progress::new()
    }
}

/// Seconds as people read them.
pub fn seconds(time: Duration) -> String {
    let total_ms = time.as_millis();
    if total_ms < 10_000 {
        format!("{:.1} s", time.as_secs_f64())
    } else if total_ms < 120_000 {
        format!("{:.0} s", time.as_secs_f64())
    } else {
        format!("{} min {} s", total_ms / 60_000, total_ms / 1000 % 60)
    }
}

/// Megabytes as people read them.
pub fn megabytes(mb: u64) -> String {
    if mb < 1000 {
        format!("{mb} MB")
    } else {
        format!("{:.1} GB", mb as f64 / 1000.0)
    }
}

/// Runs a step between a line that names it and a line that tells its time.
pub fn timed<T>(what: &str, step: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
    line(format!("== {what}"));
    let start = Instant::now();
    let result = step()?;
    line(format!("   {what}: {}", seconds(start.elapsed())));
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_keep_the_digits_that_matter() {
        assert_eq!(seconds(Duration::from_millis(40)), "0.0 s");
        assert_eq!(seconds(Duration::from_millis(1260)), "1.3 s");
        assert_eq!(seconds(Duration::from_secs(59)), "59 s");
        assert_eq!(seconds(Duration::from_secs(150)), "2 min 30 s");
    }

    #[test]
    fn sizes_have_the_unit_that_fits() {
        assert_eq!(
            (megabytes(16).as_str(), megabytes(1640).as_str()),
            ("16 MB", "1.6 GB")
        );
    }
}
