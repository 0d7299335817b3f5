//! Set-up on other people's machines, whose rustup, apt-get and sudo are shell scripts of the tests.

mod fake;

use fake::{Machine, Seen};
use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

#[test]
fn a_bare_machine_is_set_up_and_the_second_run_does_nothing() {
    let machine = Machine::bare("spiram");
    machine
        .xtask(&["setup"])
        .is(0, &["set-up done", "to fetch", "1 packages", "on the disk"]);
    let calls = machine.calls();
    assert!(
        calls.contains("rustup target add thumbv7em-none-eabihf")
            && calls.contains("install cmake ninja-build"),
        "{calls}"
    );
    let second = machine.xtask(&["setup"]);
    second.is(0, &["set-up stands"]);
    let new = machine.calls().split_off(calls.len());
    assert!(!new.contains("apt-get") && !new.contains("rustup"), "{new}");
}

#[test]
fn a_rustup_that_failed_once_is_asked_again() {
    let machine = Machine::bare("spiram");
    machine.program("rustup", "echo 'error: could not download' >&2; exit 1");
    machine.xtask(&["setup"]).is(
        3,
        &["could not download", "rustup target add thumbv7em-none-eabihf"],
    );
    machine.program("rustup", &machine.add_target());
    machine.xtask(&["setup"]).is(0, &["set-up done"]);
}

#[test]
fn a_debian_whose_rust_is_too_old_is_told_so_before_anything_is_installed() {
    let machine = Machine::bare("spiram");
    machine.program("rustup", "echo 'error: no network' >&2; exit 1");
    machine.program("apt-cache", "echo '  Candidate: 1.85.0+dfsg3-1'");
    machine.xtask(&["setup"]).is(
        3,
        &[
            "offers rustc 1.85.0",
            "is needed",
            "no network",
            "rustup target add",
        ],
    );
    assert!(!machine.calls().contains("install"), "{}", machine.calls());
}

#[test]
fn a_debian_whose_rust_is_new_enough_stands_in_for_rustup() {
    let machine = Machine::bare("spiram");
    machine.program("rustup", "echo 'error: no network' >&2; exit 1");
    machine.program("apt-cache", "echo '  Candidate: 1.96.0-1'");
    let seen = machine.xtask(&["setup"]);
    assert!(
        machine.calls().contains("rustc-web cargo-web rust-web-src"),
        "{}{}",
        machine.calls(),
        seen.err
    );
    assert!(
        seen.err.contains("Debian's Rust is taken") && seen.err.contains("rustup target add"),
        "{}",
        seen.err
    );
}

#[test]
fn who_may_not_install_gets_one_list_and_is_asked_once() {
    let machine = Machine::bare("spiram");
    machine.program("id", "echo 1000");
    let list = [
        "cmake",
        "gcc-arm-none-eabi",
        "apt-get update && apt-get install",
        "then run the same command again",
    ];
    machine.xtask(&["setup"]).is(3, &list);
    assert!(
        !machine.calls().contains("apt-get"),
        "no sudo, no apt: {}",
        machine.calls()
    );

    machine.program(
        "sudo",
        "case $1 in -n) exit 1;; esac; echo 'me is not in the sudoers file' >&2; exit 1",
    );
    let seen = machine.xtask(&["setup"]);
    seen.is(3, &list);
    let asked = machine
        .calls()
        .lines()
        .filter(|call| call.starts_with("sudo sh"))
        .count();
    // Without a terminal there is nobody to ask.
    assert!(asked <= 1, "{}", machine.calls());
}

#[test]
fn sudo_without_a_password_installs() {
    let machine = Machine::bare("spiram");
    machine.program("id", "echo 1000");
    machine.program("sudo", "shift; exec \"$@\"");
    machine.xtask(&["setup"]).is(0, &["set-up done"]);
    assert!(machine.calls().contains("sudo -n sh -c"), "{}", machine.calls());
}

#[test]
fn what_apt_says_is_the_reason_and_not_what_follows_from_it() {
    let machine = Machine::bare("spiram");
    machine.program(
        "apt-get",
        "case \" $* \" in *' update '*) exit;; esac; echo 'E: Unable to locate package cmake'; exit 100",
    );
    machine.xtask(&["setup"]).is(
        3,
        &[
            "could not be installed: E: Unable to locate package cmake",
            "apt.log",
        ],
    );
}

#[test]
fn help_and_mistakes_come_before_everything() {
    let machine = Machine::bare("spiram");
    for verb in ["run", "test", "build", "setup", "clean", "doctor"] {
        let seen = machine.xtask(&[verb, "--help"]);
        seen.is(0, &[&format!("cargo xtask {verb}")]);
        assert!(!seen.out.contains("Usage: spiram"), "{}", seen.out);
    }
    machine
        .xtask(&["run", "nope.py"])
        .is(3, &["nope.py", "No such file"]);
    machine
        .xtask(&["run", "--nope"])
        .is(3, &["unknown option `--nope`"]);
    machine
        .xtask(&["run", "--psram", "nope"])
        .is(3, &["unknown value `nope`", "w25q64"]);
    machine
        .xtask(&["run", "--board", "nope"])
        .is(3, &["unknown board"]);
    machine.xtask(&["test", "--nope"]).is(3, &["--nope"]);
    machine.xtask(&["nope"]).is(3, &["unknown verb `nope`"]);
    machine.xtask(&[]).is(3, &["cargo xtask VERB"]);
    let calls = machine.calls();
    assert!(!calls.contains("apt") && !calls.contains("rustup"), "{calls}");
}

#[test]
fn a_folder_with_a_blank_is_refused_first_with_the_cure() {
    let machine = Machine::bare("my spiram");
    machine
        .xtask(&["setup"])
        .is(3, &["a blank", "export CARGO_TARGET_DIR="]);
    assert!(!machine.calls().contains("apt-get"), "{}", machine.calls());
}

#[test]
fn a_path_of_195_letters_is_fit() {
    let machine = Machine::bare(&"long".repeat(49)[..195]);
    machine.xtask(&["setup"]).is(0, &["set-up done"]);
}

#[test]
fn a_target_folder_of_another_user_is_told_first_with_the_cure() {
    let machine = Machine::bare("spiram");
    let target = machine.root.join("target");
    std::fs::create_dir(&target).unwrap();
    machine.let_others_in();
    let mut command = machine.command(&["setup"]);
    // root may write anywhere, so it becomes another; who is not root has a folder without that right.
    if std::fs::metadata(&target).unwrap().uid() == 0 {
        command.uid(65_534);
    }
    std::fs::set_permissions(&target, Permissions::from_mode(0o555)).unwrap();
    let seen = Seen::of(&command.output().unwrap());
    std::fs::set_permissions(&target, Permissions::from_mode(0o755)).unwrap();
    seen.is(3, &["cannot be written to", "chown -R", "CARGO_TARGET_DIR"]);
    assert!(!machine.calls().contains("apt-get"), "{}", machine.calls());
}

#[test]
fn without_rustfmt_all_but_the_formatting_is_tested() {
    let machine = Machine::bare("spiram");
    let seen = machine.xtask(&["test", "fmt"]);
    seen.is(
        0,
        &["rustup component add rustfmt", "0 passed, 0 failed, 1 skipped"],
    );
}

#[test]
fn what_was_made_is_taken_away_and_what_others_may_use_is_named() {
    let machine = Machine::bare("spiram");
    machine.xtask(&["setup"]).is(0, &[]);
    for made in ["target/release", "dist"] {
        std::fs::create_dir_all(machine.root.join(made)).unwrap();
    }
    std::fs::write(machine.root.join("mine.py"), "").unwrap();
    let exists = |name: &str| machine.root.join(name).exists();

    machine.xtask(&["clean"]).is(0, &["gone", "--all takes it away"]);
    assert!(!exists("target") && !exists("dist") && exists(".deps"));
    let seen = machine.xtask(&["clean", "--all"]);
    seen.is(0, &["apt-get remove", "cmake", "rustup target remove"]);
    assert!(!exists(".deps") && exists("mine.py") && exists("board/devebox.toml"));
    machine.xtask(&["clean", "--all"]).is(0, &[]);
}

#[test]
fn two_at_once_set_up_one_after_the_other() {
    let machine = Machine::bare("spiram");
    machine.program("apt-get", &format!("sleep 0.3\n{}", machine.apt()));
    let start = || {
        machine
            .command(&["setup"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let both = [start(), start()];
    let seen = both.map(|child| Seen::of(&child.wait_with_output().unwrap()));
    for one in &seen {
        assert_eq!(one.code, Some(0), "{}", one.err);
    }
    let installed = machine
        .calls()
        .lines()
        .filter(|call| call.contains("DPkg::Lock::Timeout") && call.contains("cmake"))
        .count();
    assert_eq!(installed, 1, "{}", machine.calls());
}

#[test]
fn a_machine_without_apt_gets_the_list_and_goes_on_when_all_stands() {
    let machine = Machine::bare("spiram");
    machine.without("apt-get");
    let seen = machine.xtask(&["setup"]);
    seen.is(
        3,
        &[
            "has no apt-get",
            "stands   cc",
            "missing  cmake",
            "3.5 or newer",
            "rustup target add",
        ],
    );
    machine.program("all", &format!("{}\n{}", machine.add_target(), machine.apt()));
    Command::new(machine.root.join("../bin/all"))
        .env("PATH", machine.root.join("../bin"))
        .status()
        .unwrap();
    machine.xtask(&["setup"]).is(0, &["set-up done"]);
    machine.xtask(&["setup"]).is(0, &["set-up stands"]);
}

#[test]
fn a_reader_that_goes_away_changes_no_exit_code() {
    let machine = Machine::bare("spiram");
    machine.xtask(&["setup"]).is(0, &[]);
    let mut child = machine
        .command(&["setup"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop((child.stdout.take(), child.stderr.take()));
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let mut child = machine
        .command(&["doctor"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop((child.stdout.take(), child.stderr.take()));
    assert_eq!(
        child.wait().unwrap().code(),
        Some(3),
        "what it prints is what it is for"
    );
}

#[test]
fn a_stop_takes_the_children_along_and_dpkg_comes_to_its_end_first() {
    let machine = Machine::bare("spiram");
    machine.program("rustup", "touch started; sleep 30");
    let mut child = machine
        .command(&["setup"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    wait_for(&machine, "started");
    stop(child.id());
    assert_eq!(child.wait().unwrap().code(), None, "ended by the signal");
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id()));
    assert!(stat.is_err(), "{stat:?}");

    machine.program("rustup", &machine.add_target());
    machine.program(
        "apt-get",
        &format!(
            "case \" $* \" in *' -f '*) touch dpkg; sleep 1;; esac\n{}",
            machine.apt()
        ),
    );
    let child = machine
        .command(&["setup"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    wait_for(&machine, "dpkg");
    stop(child.id());
    let seen = Seen::of(&child.wait_with_output().unwrap());
    seen.is(3, &["stopping once dpkg is through", "goes on from there"]);
    machine.xtask(&["setup"]).is(0, &[]);
}

fn stop(pid: u32) {
    Command::new("kill")
        .args(["-TERM", &pid.to_string()])
        .status()
        .unwrap();
}

/// Until a fake program has made a file in the checkout.
fn wait_for(machine: &Machine, file: &str) {
    let start = Instant::now();
    while !machine.root.join(file).exists() {
        assert!(
            start.elapsed() < Duration::from_secs(30),
            "{file} never came: {}",
            machine.calls()
        );
        thread::sleep(Duration::from_millis(20));
    }
}
