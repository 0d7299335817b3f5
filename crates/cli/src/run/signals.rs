//! The signals that ask a run to end, so that terminals are restored, links removed and figures written.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag::{register, register_conditional_shutdown, register_usize};

use crate::failure::Failure;

/// Each with the name that people know. In raw mode Ctrl-C is Python's, and no signal.
const WATCHED: [(i32, &str); 3] = [
    (SIGINT, "Ctrl-C (SIGINT)"),
    (SIGTERM, "SIGTERM"),
    (SIGHUP, "SIGHUP (its terminal is gone)"),
];

/// What has come so far.
pub struct Signals {
    flag: Arc<AtomicBool>,
    which: Arc<AtomicUsize>,
}

impl Signals {
    /// Watches for them. A second one ends the process at once.
    pub fn watch() -> Result<Signals, Failure> {
        let signals = Signals {
            flag: Arc::default(),
            which: Arc::default(),
        };
        for (signal, _) in WATCHED {
            if is_ignored(signal) {
                continue;
            }
            let flag = || Arc::clone(&signals.flag);
            // In this order: the first one finds the flag unset.
            register_conditional_shutdown(signal, exit_code(signal).into(), flag())
                .and_then(|_| register_usize(signal, Arc::clone(&signals.which), signal as usize))
                .and_then(|_| register(signal, flag()))
                .map_err(|error| Failure::new(format!("cannot watch for signal {signal}: {error}")))?;
        }
        Ok(signals)
    }

    /// Set once one has come.
    pub fn flag(&self) -> &AtomicBool {
        &self.flag
    }

    /// What has stopped the run, for people; if it was no signal, its time was over.
    pub fn name(&self) -> &'static str {
        let which = self.which.load(Ordering::Relaxed);
        let known = WATCHED.iter().find(|(signal, _)| *signal as usize == which);
        known.map_or("the end of --for", |(_, name)| name)
    }

    /// What a shell expects of a program that such a signal ended; 0 if none has come.
    pub fn exit_code(&self) -> u8 {
        match self.which.load(Ordering::Relaxed) {
            0 => 0,
            signal => exit_code(signal as i32),
        }
    }
}

fn exit_code(signal: i32) -> u8 {
    u8::try_from(128 + signal).unwrap_or(u8::MAX)
}

/// Whether the parent has had it ignored, as `nohup` does with SIGHUP and a shell with SIGINT for what it runs behind a `&`:
/// that is the user's choice. Where there is no /proc, nothing is.
fn is_ignored(signal: i32) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    mask(&status).is_some_and(|mask| mask >> (signal - 1) & 1 != 0)
}

fn mask(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
    u64::from_str_radix(line.trim(), 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ignored_signals_are_read_from_the_kernels_mask() {
        let status = "Name:\tspiram\nSigBlk:\t0000000000000002\nSigIgn:\t0000000000000001\n";
        assert_eq!(mask(status), Some(1));
        assert_eq!(mask("Name:\tspiram\n"), None);
    }

    #[test]
    fn exit_codes_are_those_of_a_shell() {
        assert_eq!((exit_code(SIGINT), exit_code(SIGTERM)), (130, 143));
    }
}
