//! Other programs: found, run, bounded in time; a failure tells the command and what it said.

use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// A question to a program, such as for its version, is answered by then, or there is no answer.
const ANSWER: Duration = Duration::from_secs(60);

/// Where a program is, looked up as the shell would, with the sbin folders at the end:
/// a user's PATH on Debian leaves out the sbin folders.
pub fn which(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let system = ["/usr/sbin", "/sbin"].map(PathBuf::from);
    std::env::split_paths(&path)
        .chain(system)
        .map(|dir| dir.join(name))
        .find(|file| is_program(file))
}

fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata()
        .is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

/// The command line, for messages.
pub fn shown(command: &Command) -> String {
    let mut line = command.get_program().to_string_lossy().into_owned();
    for arg in command.get_args() {
        line.push(' ');
        line.push_str(&arg.to_string_lossy());
    }
    line
}

/// Runs a command with the terminal as its output.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("cannot start `{}`", shown(command)))?;
    if !status.success() {
        bail!("`{}` failed with {status}", shown(command));
    }
    Ok(())
}

/// Runs a command and returns its stdout; its stderr is in the error if it fails.
pub fn output(command: &mut Command) -> Result<String> {
    let out = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start `{}`", shown(command)))?;
    if !out.status.success() {
        let said = String::from_utf8_lossy(&out.stderr);
        bail!(
            "`{}` failed with {}\n{}",
            shown(command),
            out.status,
            said.trim_end()
        );
    }
    Ok(String::from_utf8_lossy(&out.stdout).into_owned())
}

/// What a program answers to a quick question, in the language that programs are read in: its stdout.
pub fn answer(command: &mut Command) -> Result<String> {
    answer_within(command, ANSWER)
}

fn answer_within(command: &mut Command, limit: Duration) -> Result<String> {
    let mut child = command
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start `{}`", shown(command)))?;
    let (stdout, stderr) = (read_all(child.stdout.take()), read_all(child.stderr.take()));
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if start.elapsed() >= limit {
            end(&mut child);
            bail!("`{}` gave no answer in {} s", shown(command), limit.as_secs_f32());
        }
        thread::sleep(Duration::from_millis(2));
    };
    // What a daemon that it left behind holds open is not waited for.
    let wait = Duration::from_secs(2);
    let said = stdout.recv_timeout(wait).unwrap_or_default();
    if !status.success() {
        let why = stderr.recv_timeout(wait).unwrap_or_default();
        bail!("`{}` failed with {status}\n{}", shown(command), why.trim_end());
    }
    Ok(said)
}

/// A reader of its own for each pipe, so that a talkative program cannot fill one and stall.
fn read_all(pipe: Option<impl Read + Send + 'static>) -> mpsc::Receiver<String> {
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.read_to_end(&mut bytes);
        }
        let _ = send.send(String::from_utf8_lossy(&bytes).into_owned());
    });
    receive
}

/// True if a quick question to a program succeeds; nothing of it is shown.
pub fn succeeds(command: &mut Command) -> bool {
    answer(command).is_ok()
}

/// Runs a command that may take as long as it wants while something moves: it is stopped when for `silence` it has said
/// nothing and `progress` has not changed. Each line of its stdout and stderr goes to `line`.
pub fn while_it_moves(
    command: &mut Command,
    silence: Duration,
    mut progress: impl FnMut() -> u64,
    mut line: impl FnMut(&str),
) -> Result<()> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start `{}`", shown(command)))?;
    let (send, lines) = mpsc::channel();
    read_lines(child.stdout.take(), send.clone());
    read_lines(child.stderr.take(), send);
    let (mut said, mut moved, mut last) = (Vec::new(), Instant::now(), progress());
    loop {
        match lines.recv_timeout(Duration::from_millis(250).min(silence)) {
            Ok(text) => {
                moved = Instant::now();
                line(&text);
                said.push(text);
            }
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {}
        }
        let now = progress();
        if now != last {
            (moved, last) = (Instant::now(), now);
        }
        if moved.elapsed() >= silence {
            end(&mut child);
            bail!(
                "`{}` was stopped, because for {} s nothing moved{}",
                shown(command),
                silence.as_secs_f32(),
                tail(&said)
            );
        }
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("`{}` failed with {status}{}", shown(command), tail(&said));
    }
    Ok(())
}

fn read_lines(pipe: Option<impl Read + Send + 'static>, send: mpsc::Sender<String>) {
    let Some(pipe) = pipe else { return };
    thread::spawn(move || {
        // A progress bar rewrites its line, and ends it only at last.
        for chunk in BufReader::new(pipe)
            .split(b'\n')
            .map_while(std::result::Result::ok)
        {
            let text = String::from_utf8_lossy(&chunk).into_owned();
            let text = text.trim_end().rsplit('\r').next().unwrap_or_default().to_owned();
            if send.send(text).is_err() {
                break;
            }
        }
    });
}

/// The last words, for an error.
pub fn tail(said: &[String]) -> String {
    let last: Vec<&str> = said
        .iter()
        .map(String::as_str)
        .filter(|line| !line.is_empty())
        .collect();
    let from = last.len().saturating_sub(5);
    last[from..].iter().map(|line| format!("\n  {line}")).collect()
}

/// Ends a child with all below it.
fn end(child: &mut Child) {
    for pid in crate::interrupt::descendants(child.id()) {
        let pid = rustix::process::Pid::from_raw(pid.cast_signed());
        let _ = pid.map(|pid| rustix::process::kill_process(pid, rustix::process::Signal::KILL));
    }
    let _ = child.kill();
    let _ = child.wait();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_program_that_gives_no_answer_is_stopped_with_its_children() {
        let start = Instant::now();
        let error = answer_within(&mut sh("sleep 60; echo late"), Duration::from_millis(200)).unwrap_err();
        assert!(error.to_string().contains("no answer"), "{error}");
        assert!(start.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn an_answer_is_read_in_the_language_of_programs() {
        assert_eq!(
            answer(sh("echo $LC_ALL").env("LC_ALL", "tr_TR.UTF-8")).unwrap(),
            "C\n"
        );
    }

    #[test]
    fn what_moves_may_take_its_time_and_what_does_not_is_stopped() {
        let silence = Duration::from_millis(600);
        let slow = "for i in 1 2 3 4 5 6 7 8; do sleep 0.2; echo $i; done";
        let mut lines = Vec::new();
        while_it_moves(&mut sh(slow), silence, || 0, |line| lines.push(line.to_owned())).unwrap();
        assert_eq!(lines.len(), 8, "longer than the silence, but never silent");
        let mut bytes = 0;
        let growing = || {
            bytes += 1;
            bytes
        };
        while_it_moves(&mut sh("sleep 1.5"), silence, growing, |_| ()).unwrap();
        let error = while_it_moves(&mut sh("echo trying; sleep 60"), silence, || 0, |_| ())
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("nothing moved") && error.contains("trying"),
            "{error}"
        );
    }

    #[test]
    fn a_failure_tells_the_command_and_what_it_said() {
        for error in [
            output(&mut sh("echo no luck >&2; exit 3")).unwrap_err(),
            answer(&mut sh("echo no luck >&2; exit 3")).unwrap_err(),
            while_it_moves(&mut sh("echo no luck >&2; exit 3"), ANSWER, || 0, |_| ()).unwrap_err(),
        ] {
            let error = error.to_string();
            assert!(
                error.contains("sh -c") && error.contains("no luck") && error.contains('3'),
                "{error}"
            );
        }
    }

    #[test]
    fn programs_are_found_and_others_are_not() {
        assert!(which("sh").is_some());
        assert!(which("no-such-program-anywhere").is_none());
    }
}
