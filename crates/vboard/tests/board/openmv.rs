//! OpenMV's protocol over USB, with a host that answers at once and in virtual time: how fast pictures come, and that the board
//! answers whatever it does. The host is a few lines of its own; the real one is in tests/clients.

use crate::session::Session;
use vboard::ends::usb::Host;
use vboard::{Picos, Time, Until};

const MILLISECOND: Picos = Picos(1_000_000_000);
const ACK: u8 = 1;
const ACK_REQ: u8 = 8;
const FRAGMENT: u8 = 16;
const EVENT: u8 = 32;
const STDIN: u8 = 1;
const STDOUT: u8 = 2;
const STREAM: u8 = 3;
const SIZE: u8 = 0x25;
const READ: u8 = 0x26;
const WRITE: u8 = 0x27;
const IOCTL: u8 = 0x28;

/// Bit by bit, as the protocol's description has it: without reflection, all ones at first, nothing turned at the end.
fn sum(bytes: &[u8], bits: u32, polynomial: u32) -> u32 {
    let (top, mask) = (1 << (bits - 1), u32::MAX >> (32 - bits));
    bytes.iter().fold(mask, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte) << (bits - 8), |sum, _| {
            (sum << 1 ^ if sum & top != 0 { polynomial } else { 0 }) & mask
        })
    })
}

fn packet(sequence: u8, channel: u8, flags: u8, opcode: u8, payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u16).to_le_bytes();
    let mut bytes = vec![0xAA, 0xD5, sequence, channel, flags, opcode, length[0], length[1]];
    bytes.extend((sum(&bytes, 16, 0xF94F) as u16).to_le_bytes());
    if !payload.is_empty() {
        bytes.extend(payload);
        bytes.extend(sum(payload, 32, 0xFA56_7D89).to_le_bytes());
    }
    bytes
}

struct Link {
    session: Session,
    sequence: u8,
    inbox: Vec<u8>,
}

impl Link {
    /// A tool has connected, and its port is at the protocol's speed.
    fn open() -> Self {
        let session = Session::new("devebox", "none");
        let mut link = Link {
            session,
            sequence: 0,
            inbox: Vec::new(),
        };
        link.session
            .machine
            .plug_usb(Host::new(true))
            .expect("a connector");
        let mut said = String::new();
        while !said.ends_with(">>> ") {
            link.run(Picos(10 * MILLISECOND.0));
            said += &String::from_utf8_lossy(&std::mem::take(&mut link.inbox));
            assert!(link.session.machine.now() < Time(3000 * MILLISECOND.0), "{said}");
        }
        link.session.machine.set_line_rate(921_600);
        link.run(Picos(300 * MILLISECOND.0));
        link.inbox.clear();
        assert_eq!(link.ask(0, 0, &[]).0, ACK);
        link.sequence = 0;
        link
    }

    fn run(&mut self, span: Picos) {
        let machine = &mut self.session.machine;
        let end = machine.now() + span;
        machine.run(Until {
            output: true,
            ..Until::time(end)
        });
        assert!(machine.is_clean(), "{:?}", machine.events());
        self.inbox.extend(machine.serial_out());
    }

    /// The next packet of the board: flags and payload.
    fn hear(&mut self) -> (u8, Vec<u8>) {
        let limit = self.session.machine.now() + Picos(3000 * MILLISECOND.0);
        loop {
            let begin = self.inbox.windows(2).position(|two| two == [0xAA, 0xD5]);
            self.inbox.drain(..begin.unwrap_or(0));
            if self.inbox.len() >= 10 {
                let length = usize::from(u16::from_le_bytes([self.inbox[6], self.inbox[7]]));
                let end = 10 + length + if length > 0 { 4 } else { 0 };
                if self.inbox.len() >= end {
                    let bytes: Vec<u8> = self.inbox.drain(..end).collect();
                    let payload = &bytes[10..10 + length];
                    assert_eq!(bytes, packet(bytes[2], bytes[3], bytes[4], bytes[5], payload));
                    if bytes[4] & ACK_REQ != 0 {
                        let answer = packet(bytes[2], bytes[3], ACK, bytes[5], &[]);
                        self.session.machine.serial_in(&answer);
                    }
                    return (bytes[4], payload.to_vec());
                }
            }
            assert!(self.session.machine.now() < limit, "no answer: {:?}", self.inbox);
            self.run(Picos(MILLISECOND.0));
        }
    }

    /// A command, and all of its answer.
    fn ask(&mut self, channel: u8, opcode: u8, payload: &[u8]) -> (u8, Vec<u8>) {
        let command = packet(self.sequence, channel, 0, opcode, payload);
        self.session.machine.serial_in(&command);
        let mut all = Vec::new();
        loop {
            let (flags, payload) = self.hear();
            if flags & EVENT == 0 {
                self.sequence = self.sequence.wrapping_add(1);
                all.extend(payload);
                if flags & FRAGMENT == 0 {
                    return (flags, all);
                }
            }
        }
    }

    fn ioctl(&mut self, channel: u8, words: &[u32]) {
        let payload: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        assert_eq!(self.ask(channel, IOCTL, &payload).0, ACK);
    }

    fn run_script(&mut self, script: &str) {
        self.ioctl(STDIN, &[3]);
        let head = [[0; 4], (script.len() as u32).to_le_bytes()].concat();
        let payload = [&head, script.as_bytes()].concat();
        assert_eq!(self.ask(STDIN, WRITE, &payload).0, ACK);
        self.ioctl(STDIN, &[2]);
    }

    fn size(&mut self, channel: u8) -> u32 {
        u32::from_le_bytes(self.ask(channel, SIZE, &[]).1.try_into().expect("a number"))
    }

    fn read(&mut self, channel: u8, count: u32) -> Vec<u8> {
        self.ask(channel, READ, &[[0; 4], count.to_le_bytes()].concat()).1
    }

    /// The next picture, with its head.
    fn picture(&mut self) -> Vec<u8> {
        while self.ask(STREAM, 0x22, &[]).0 != ACK {
            self.run(MILLISECOND);
        }
        let size = self.size(STREAM);
        let picture = self.read(STREAM, size);
        assert_eq!(self.ask(STREAM, 0x23, &[]).0, ACK);
        picture
    }
}

/// How long so many pictures take, in virtual microseconds each.
fn pace_us(link: &mut Link, count: u64, bytes: usize) -> u64 {
    link.picture();
    let start = link.session.machine.now();
    for _ in 0..count {
        let picture = link.picture();
        if bytes > 0 {
            assert_eq!(picture.len(), 32 + bytes);
        }
    }
    (link.session.machine.now() - start).0 / 1_000_000 / count
}

#[test]
fn pictures_come_as_fast_as_the_bus_carries_them() {
    let mut link = Link::open();
    let snap = |format: &str, size: &str| {
        format!(
            "import csi\nc = csi.CSI()\nc.pixformat(csi.{format})\nc.framesize(csi.{size})\nwhile True:\n    c.snapshot()\n"
        )
    };
    link.ioctl(STREAM, &[2, 320, 240]);
    for (format, size, raw, bytes, most_us) in [
        ("RGB565", "QVGA", 1, 153_600, 220_000),
        ("GRAYSCALE", "QQVGA", 1, 19_200, 45_000),
        ("RGB565", "QVGA", 0, 0, 150_000),
    ] {
        link.ioctl(STREAM, &[1, raw]);
        link.run_script(&snap(format, size));
        link.ioctl(STREAM, &[0, 1]);
        let each_us = pace_us(&mut link, 4, bytes);
        println!(
            "{size} {format} raw={raw}: {:.1} pictures a second",
            1e6 / each_us as f64
        );
        assert!(each_us < most_us, "{size} {format} raw={raw}: {each_us} us");
    }
}

#[test]
fn the_board_answers_while_it_writes_files() {
    let mut link = Link::open();
    link.run_script("f = open('/flash/long', 'wb')\nfor n in range(60):\n    f.write(bytes(1024))\nf.close()\nprint('written')\n");
    let (mut longest, mut said) = (Picos(0), String::new());
    while !said.contains("written") {
        let start = link.session.machine.now();
        let waiting = link.size(STDOUT);
        longest = longest.max(link.session.machine.now() - start);
        if waiting > 0 {
            said += &String::from_utf8_lossy(&link.read(STDOUT, waiting));
        }
        assert!(!said.contains("Error"), "{said}");
        let pause = link.session.machine.now() + Picos(20 * MILLISECOND.0);
        while link.session.machine.now() < pause {
            link.run(Picos(5 * MILLISECOND.0));
        }
    }
    println!("the longest answer took {} us", longest.0 / 1_000_000);
    assert!(longest < Picos(100 * MILLISECOND.0), "{longest:?}");
}
