//! The board's USB: its console for scripts and clients, and what Linux is offered.

use crate::common::{elf, run, spiram};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::Child;
use std::time::Duration;

/// A board that offers its USB at a free port, and that port.
fn offered(options: &[&str]) -> (Child, String) {
    let mut child = spiram()
        .args([
            "run",
            "--psram",
            "none",
            "--usb=127.0.0.1:0",
            "--for",
            "60",
            "--elf",
            &elf("devebox"),
        ])
        .args(options)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    let attach = lines.nth(1).unwrap().unwrap();
    let port = first
        .split("127.0.0.1:")
        .nth(1)
        .and_then(|rest| rest.split(';').next());
    let port = port.expect(&first).to_owned();
    assert!(attach.contains("usbip") && attach.contains(&port), "{attach}");
    (child, port)
}

/// What OP_REQ_DEVLIST of USB/IP 1.1.1 gets: vendor and product of the only device.
fn listed(port: &str) -> (u16, u16) {
    let mut client = TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
    client.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    client.write_all(&[0x01, 0x11, 0x80, 0x05, 0, 0, 0, 0]).unwrap();
    let mut answer = [0; 12 + 312];
    client.read_exact(&mut answer).unwrap();
    assert_eq!(answer[..12], [0x01, 0x11, 0, 5, 0, 0, 0, 0, 0, 0, 0, 1]);
    let half = |at: usize| u16::from_be_bytes([answer[at], answer[at + 1]]);
    (half(12 + 300), half(12 + 302))
}

#[test]
fn a_script_runs_over_usb_as_over_the_uart() {
    let folder = tempfile::TempDir::new().unwrap();
    let script = folder.path().join("script.py");
    std::fs::write(&script, "print('over', 6 * 7)\nprint('x' * 200)\n1/0\n").unwrap();
    let script = script.to_string_lossy().into_owned();
    let mut said = Vec::new();
    for console in ["uart", "usb"] {
        let done = run(&[
            "run",
            "--psram",
            "none",
            "--elf",
            &elf("devebox"),
            "--console",
            console,
            &script,
        ]);
        assert_eq!(done.code, Some(1), "{}", done.err);
        said.push((done.out, done.err));
    }
    assert!(said[0].0.starts_with("over 42\n"), "{:?}", said[0]);
    assert_eq!(said[0], said[1]);
}

#[test]
fn linux_is_offered_the_board_or_its_boot_loader() {
    for (options, id) in [(&[][..], (0x1209, 0x0001)), (&["--boot0"][..], (0x0483, 0xDF11))] {
        let (mut child, port) = offered(options);
        assert_eq!(listed(&port), id);
        // A client that talks nonsense is dropped, and the next one served.
        let mut client = TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
        client.write_all(&[0xFF; 64]).unwrap();
        drop(client);
        assert_eq!(listed(&port), id);
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

#[test]
fn a_port_that_is_taken_is_told() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("--usb={}", taken.local_addr().unwrap());
    let done = run(&["run", "--psram", "none", "--elf", &elf("devebox"), &address]);
    assert_eq!(done.code, Some(3));
    assert!(done.err.contains("cannot listen at 127.0.0.1"), "{}", done.err);
}
