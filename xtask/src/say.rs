//! Lines of progress, on stderr.

use std::time::{Duration, Instant};

/// One line.
pub fn line(text: impl std::fmt::Display) {
    eprintln!("{text}");
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
}
