//! The core on this machine, under gcc's sanitizers: a process that forks for each program (crates/upy-sys/host/serve.c).

use crate::ground::{End, Ground, Loss, Outcome, RUNNER};
use std::io::{BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

/// Nothing is given back, so what is left behind is no leak; blocks stay poisoned for as long as a program runs. Who asked for a
/// block is not kept: it is a third of the time.
const OPTIONS: &str = "detect_leaks=0:allocator_may_return_null=1:quarantine_size_mb=16:detect_stack_use_after_return=0:\
    malloc_context_size=0";
/// One program of so many meets failing allocations, every so manieth.
const FAILING: u32 = 4;
const FAIL_EVERY: [u32; 4] = [37, 101, 307, 997];

/// The process.
pub struct Host {
    child: Child,
    output: BufReader<ChildStdout>,
    fail_every: u32,
}

impl Host {
    /// Starts it.
    pub fn start(program: &Path) -> Result<Host, String> {
        let mut child = Command::new(program)
            .env("ASAN_OPTIONS", OPTIONS)
            .env("UBSAN_OPTIONS", "print_stacktrace=1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{}: {error}", program.display()))?;
        let output = child.stdout.take().ok_or("the core has no output")?;
        Ok(Host {
            child,
            output: BufReader::new(output),
            fail_every: 0,
        })
    }

    /// Chooses which programs meet failing allocations.
    pub fn choose(&mut self, seed: u64) {
        let number = (seed / 7) as u32;
        self.fail_every = if number % FAILING == 0 {
            FAIL_EVERY[(number / FAILING) as usize % FAIL_EVERY.len()]
        } else {
            0
        };
    }

    fn send(&mut self, bytes: &[u8]) -> Result<(), String> {
        let input = self.child.stdin.as_mut().ok_or("the core has no input")?;
        let sent = input.write_all(bytes).and_then(|()| input.flush());
        sent.map_err(|error| format!("the core does not listen: {error}"))
    }

    fn number(&mut self) -> Result<u32, String> {
        let mut bytes = [0; 4];
        let read = self.output.read_exact(&mut bytes);
        read.map_err(|error| format!("the core does not answer: {error}"))?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn text(&mut self) -> Result<String, String> {
        let mut bytes = vec![0; self.number()? as usize];
        let read = self.output.read_exact(&mut bytes);
        read.map_err(|error| format!("the core does not answer: {error}"))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn try_call(&mut self, runner: &str, bytes: &[u8]) -> Result<Outcome, String> {
        let source = format!("{runner}()");
        let mut request = vec![b'R'];
        request.extend(self.fail_every.to_le_bytes());
        for part in [source.as_bytes(), bytes] {
            request.extend((part.len() as u32).to_le_bytes());
            request.extend(part);
        }
        self.send(&request)?;
        let (status, begun, report) = (self.number()?, self.number()?, self.text()?);
        let end = if status == 0 {
            End::Prompt
        } else {
            End::Lost(Loss {
                kind: kind(status, &report),
                details: format!("every {} allocations fail\n{report}", self.fail_every),
            })
        };
        Ok(Outcome { end, begun })
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // It ends with its input.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

impl Ground for Host {
    fn ask(&mut self, source: &str) -> Result<String, String> {
        let mut request = vec![b'A'];
        request.extend((source.len() as u32).to_le_bytes());
        request.extend(source.as_bytes());
        self.send(&request)?;
        let (printed, raised) = (self.text()?, self.text()?);
        if raised.is_empty() {
            Ok(printed.replace("\r\n", "\n"))
        } else {
            Err(raised)
        }
    }

    fn make_ready(&mut self) -> Result<(), String> {
        self.ask(RUNNER).map(|_| ())
    }

    fn call(&mut self, runner: &str, bytes: &[u8]) -> Outcome {
        self.try_call(runner, bytes).unwrap_or_else(|error| Outcome {
            end: End::Lost(Loss {
                kind: "the core's process is lost".to_owned(),
                details: error,
            }),
            begun: 0,
        })
    }
}

/// What the sanitizer says, and the first function of the core.
fn kind(status: u32, report: &str) -> String {
    let what = report.lines().find_map(|line| {
        let (_, words) = line
            .split_once("AddressSanitizer: ")
            .or_else(|| line.split_once("runtime error: "))
            .or_else(|| line.split_once("ERROR: "))?;
        Some(words.split(|c: char| c.is_ascii_digit()).next().unwrap_or(words))
    });
    let Some(what) = what else {
        return format!("ended with status 0x{status:04x}");
    };
    let what = what.split(" on ").next().unwrap_or(what).trim();
    let place = report
        .lines()
        .filter_map(|line| {
            line.trim()
                .strip_prefix('#')?
                .split_once(" in ")?
                .1
                .split_once(' ')
        })
        .find(|(_, file)| file.contains("micropython") || file.contains("upy-sys/port"));
    match place {
        Some((function, _)) => format!("{what} in {function}"),
        None => what.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_known_by_what_and_where() {
        let report = "==5==ERROR: AddressSanitizer: heap-use-after-free on address 0xf1 at pc 0x5\n\
            READ of size 4\n    #0 0xf7 in memcpy (/usr/lib32/libasan.so)\n    #1 0x56 in mp_obj_list_pop /x/micropython/py/objlist.c:12\n";
        assert_eq!(kind(256, report), "heap-use-after-free in mp_obj_list_pop");
        assert_eq!(kind(9, ""), "ended with status 0x0009");
    }
}
