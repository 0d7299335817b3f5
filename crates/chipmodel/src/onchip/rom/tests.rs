//! The boot loader as `dfu-util` uses it, with the numbers of DFU 1.1 and AN3156 written out once more.

use super::*;
use crate::Clocks;
use crate::bus::bank::testing::Bench;

/// The boot loader, a flash, and a host that knows control transfers.
struct Board {
    bench: Bench,
    rom: Rom,
    flash: Flash,
}

impl Board {
    fn new() -> Self {
        let mut rom = Rom::default();
        rom.start();
        let mut board = Board {
            bench: Bench::new(Clocks::default()),
            rom,
            flash: Flash::default(),
        };
        board.work();
        board
    }

    fn work(&mut self) {
        self.rom.work(&mut self.flash, self.bench.now);
    }

    /// One control transfer; `None`: it stalled.
    fn ask(&mut self, setup: [u8; 8], data: &[u8]) -> Option<Vec<u8>> {
        assert_eq!(self.rom.setup(0, setup, &mut self.bench.fx()), Handshake::Ack);
        let mut got = Vec::new();
        let wanted = usize::from(u16::from_le_bytes([setup[6], setup[7]]));
        if setup[0] & 0x80 == 0 {
            for packet in data.chunks(64) {
                if self.rom.out(0, 0, true, packet, &mut self.bench.fx()) == Handshake::Stall {
                    return None;
                }
            }
        }
        loop {
            match self.rom.token_in(0, 0, &mut self.bench.fx()) {
                Answer::Data { bytes, .. } => {
                    self.rom.acknowledge(0);
                    got.extend_from_slice(&bytes);
                    if bytes.len() < 64 || got.len() == wanted {
                        break;
                    }
                }
                Answer::Stall => return None,
                other => panic!("{other:?}"),
            }
        }
        if setup[0] & 0x80 != 0 {
            assert_eq!(
                self.rom.out(0, 0, true, &[], &mut self.bench.fx()),
                Handshake::Ack
            );
        }
        Some(got)
    }

    fn download(&mut self, block: u8, data: &[u8]) -> Option<Vec<u8>> {
        let [low, high] = (data.len() as u16).to_le_bytes();
        self.ask([0x21, 1, block, 0, 0, 0, low, high], data)
    }

    /// bStatus, milliseconds to wait, bState.
    fn status(&mut self) -> (u8, u32, u8) {
        let got = self
            .ask([0xA1, 3, 0, 0, 0, 0, 6, 0], &[])
            .expect("always answered");
        self.work();
        (got[0], u32::from_le_bytes([got[1], got[2], got[3], 0]), got[4])
    }

    /// A command to its end: two GETSTATUS, with the wait between them.
    fn obey(&mut self, block: u8, data: &[u8]) -> (u8, u8) {
        self.download(block, data).expect("taken");
        let (status, wait_ms, state) = self.status();
        if state != 4 {
            return (status, state);
        }
        self.bench.now = self.bench.now + crate::Picos(u64::from(wait_ms) * 1_000_000_000);
        self.work();
        let (status, _, state) = self.status();
        (status, state)
    }

    fn command(&mut self, command: u8, address: u32) -> (u8, u8) {
        let [a, b, c, d] = address.to_le_bytes();
        self.obey(0, &[command, a, b, c, d])
    }

    fn upload(&mut self, block: u8, bytes: u16) -> Option<Vec<u8>> {
        let [low, high] = bytes.to_le_bytes();
        self.ask([0xA1, 2, block, 0, 0, 0, low, high], &[])
    }
}

const IDLE: u8 = 2;
const DOWNLOAD_IDLE: u8 = 5;
const ERROR: u8 = 10;

#[test]
fn a_sector_is_erased_written_and_read_back() {
    let mut board = Board::new();
    board.flash.array_mut().program(0, [0; 16]);
    assert_eq!(board.command(0x41, 0x0800_0000), (0, DOWNLOAD_IDLE));
    assert_eq!(board.command(0x21, 0x0800_0000), (0, DOWNLOAD_IDLE));
    let block: Vec<u8> = (0..1024u32).map(|n| (n % 253) as u8).collect();
    assert_eq!(board.obey(2, &block), (0, DOWNLOAD_IDLE));
    assert_eq!(board.obey(3, &block[..100]), (0, DOWNLOAD_IDLE));
    assert!(board.ask([0x21, 6, 0, 0, 0, 0, 0, 0], &[]).is_some(), "ABORT");
    assert_eq!(board.status().2, IDLE);
    assert_eq!(board.upload(2, 1024).as_deref(), Some(&block[..]));
    let second = board.upload(3, 1024).expect("read");
    assert_eq!(
        (&second[..100], &second[100..112]),
        (&block[..100], &[0xFF; 12][..])
    );
}

#[test]
fn what_lies_outside_of_the_flash_is_an_error_until_it_is_cleared() {
    let mut board = Board::new();
    for address in [0x0820_0000, 0x07FF_FFFF, 0, 0xFFFF_FFF0] {
        assert_eq!(board.command(0x41, address), (1, ERROR), "{address:#x}");
        assert_eq!(board.download(2, &[0; 4]), None, "stalls in dfuERROR");
        assert!(board.ask([0x21, 4, 0, 0, 0, 0, 0, 0], &[]).is_some(), "CLRSTATUS");
        assert_eq!(board.status(), (0, 0, IDLE));
    }
    assert_eq!(board.command(0x21, 0x081F_FFF0), (0, DOWNLOAD_IDLE));
    assert_eq!(board.obey(2, &[0; 64]), (1, ERROR), "the end lies outside");
    assert!(
        board.flash.array().sector(255).iter().all(|&byte| byte == 0xFF),
        "nothing was written"
    );
}

#[test]
fn a_word_that_is_not_erased_is_told() {
    let mut board = Board::new();
    assert_eq!(board.obey(2, &[0x55; 16]), (0, DOWNLOAD_IDLE));
    assert_eq!(board.obey(2, &[0xAA; 16]), (3, ERROR));
}

#[test]
fn the_erase_tells_how_long_it_takes_and_is_busy_until_then() {
    let mut board = Board::new();
    board.download(0, &[0x41]);
    let (_, wait_ms, state) = board.status();
    assert_eq!((wait_ms, state), (768, 4), "256 sectors");
    assert_eq!(board.status().2, 4, "still busy");
    assert!(board.rom.next_event(&Clocks::default()).is_some());
}

#[test]
fn leaving_waits_for_the_hosts_answer() {
    let mut board = Board::new();
    board.command(0x21, 0x0800_0000);
    assert!(board.download(0, &[]).is_some());
    assert_eq!(board.rom.take_leave(), None);
    assert_eq!(board.status().2, 7, "dfuMANIFEST");
    assert_eq!(board.rom.take_leave(), Some(0x0800_0000));
    assert!(!board.rom.pulls_up());
}

#[test]
fn it_describes_three_memories() {
    let mut board = Board::new();
    let device = board
        .ask([0x80, 6, 0, 1, 0, 0, 18, 0], &[])
        .expect("a descriptor");
    assert_eq!(device[8..14], [0x83, 0x04, 0x11, 0xDF, 0, 2]);
    let configuration = board
        .ask([0x80, 6, 0, 2, 0, 0, 255, 0], &[])
        .expect("a descriptor");
    assert_eq!(configuration.len(), usize::from(configuration[2]));
    let text = board
        .ask([0x80, 6, 4, 3, 9, 4, 255, 0], &[])
        .expect("a descriptor");
    let letters: Vec<u8> = text[2..].iter().copied().step_by(2).collect();
    assert_eq!(letters, b"@Internal Flash   /0x08000000/256*08Kg");
    assert_eq!(board.ask([0x80, 6, 9, 3, 9, 4, 255, 0], &[]), None);
}

#[test]
fn its_program_is_not_here() {
    let mut bench = Bench::new(Clocks::default());
    let mut rom = Rom::default();
    assert_eq!(bench.read(&mut rom, 0xA804), ENTRY | 1);
    assert!(rom.read(0xA808, Width::Word, &mut bench.fx()).is_err());
}
