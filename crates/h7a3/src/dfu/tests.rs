//! What a host sends, and what the loader makes of it; numbers are those of the standard and of AN3156.

extern crate std;

use super::*;
use std::vec::Vec;

const IDLE: u8 = 2;
const BUSY: u8 = 4;
const DOWNLOAD_IDLE: u8 = 5;
const MANIFEST: u8 = 7;
const UPLOAD_IDLE: u8 = 9;
const ERROR: u8 = 10;

/// The loader with what it did.
struct Bench {
    dfu: Dfu,
    block: [u8; TRANSFER_BYTES],
    did: Vec<Work>,
    /// What the next work ends with.
    result: Result<(), Status>,
}

impl Bench {
    fn new() -> Self {
        Bench {
            dfu: Dfu::new(),
            block: [0; TRANSFER_BYTES],
            did: Vec::new(),
            result: Ok(()),
        }
    }

    fn out(&mut self, request: u8, value: u16, data: &[u8]) -> Answer {
        self.dfu.out(request, value, data, &mut self.block)
    }

    /// Status, milliseconds, state.
    fn status(&mut self) -> (u8, u32, u8) {
        let mut to = [0; 64];
        assert_eq!(self.dfu.input(3, 0, 6, &mut to), Answer::Bytes(6));
        (to[0], u32::from_le_bytes([to[1], to[2], to[3], 0]), to[4])
    }

    fn work(&mut self) {
        while let Some(work) = self.dfu.work() {
            self.did.push(work);
            self.dfu.done(self.result);
        }
    }

    /// A block, and the status once the loader is done with it.
    fn download(&mut self, block: u16, data: &[u8]) -> (u8, u8) {
        if self.out(1, block, data) == Answer::Stall {
            return (15, self.status().2);
        }
        self.status();
        self.work();
        let (status, _, state) = self.status();
        (status, state)
    }

    fn command(&mut self, command: u8, address: u32) -> (u8, u8) {
        let mut data = std::vec![command];
        data.extend(address.to_le_bytes());
        self.download(0, &data)
    }
}

#[test]
fn a_session_of_dfu_util_erases_writes_and_leaves() {
    let mut bench = Bench::new();
    assert_eq!(bench.command(0x41, 0x0800_C000), (0, DOWNLOAD_IDLE));
    assert_eq!(bench.command(0x21, 0x0800_C000), (0, DOWNLOAD_IDLE));
    assert_eq!(bench.download(2, &[7; 2048]), (0, DOWNLOAD_IDLE));
    assert_eq!(bench.download(3, &[7; 100]), (0, DOWNLOAD_IDLE));
    assert_eq!(bench.dfu.block_bytes(), 112, "whole words");
    assert_eq!(bench.block[..100], [7; 100]);
    assert_eq!(bench.block[100..112], [0xFF; 12]);
    let did = [
        Work::Erase(0x0800_C000),
        Work::Program(0x0800_C000),
        Work::Program(0x0800_C800),
    ];
    assert_eq!(bench.did, did);
    assert_eq!(bench.out(1, 0, &[]), Answer::Done);
    assert!(!bench.dfu.leaves());
    assert_eq!(bench.status(), (0, 0, MANIFEST));
    assert!(bench.dfu.leaves());
}

#[test]
fn nothing_is_done_before_the_status_that_announces_how_long_it_takes() {
    let mut bench = Bench::new();
    bench.out(1, 0, &[0x41, 0, 0xC0, 0, 8]);
    assert_eq!(bench.dfu.work(), None);
    assert_eq!(bench.status(), (0, 3, BUSY));
    assert_eq!(bench.dfu.work(), Some(Work::Erase(0x0800_C000)));
    bench.work();
    bench.out(1, 2, &[0; 2048]);
    bench.status();
    bench.out(1, 2, &[0; 2048]);
    // 128 words at 60 us.
    assert_eq!(bench.status(), (0, 8, BUSY));
}

#[test]
fn erasing_all_spares_the_loader_and_the_files_and_tells_how_much_is_left() {
    let mut bench = Bench::new();
    bench.out(1, 0, &[0x41]);
    assert_eq!(bench.status(), (0, 186 * 3, BUSY));
    bench.dfu.done(Ok(()));
    assert_eq!(bench.status(), (0, 185 * 3, BUSY));
    bench.work();
    assert_eq!(bench.did.len(), 185);
    assert_eq!(bench.did.last(), Some(&Work::Erase(0x0817_E000)));
    assert_eq!(bench.status(), (0, 0, DOWNLOAD_IDLE));
}

#[test]
fn what_is_protected_is_refused_and_the_host_goes_on_after_clearing_it() {
    for address in [
        0x0800_0000,
        0x0800_BFFF,
        0x0818_0000,
        0x0820_0000,
        0x07FF_FFFF,
        0,
        u32::MAX,
    ] {
        let mut bench = Bench::new();
        assert_eq!(bench.command(0x41, address), (1, ERROR), "erase {address:#x}");
        assert_eq!(bench.out(4, 0, &[]), Answer::Done);
        assert_eq!(bench.command(0x21, address), (0, DOWNLOAD_IDLE));
        assert_eq!(bench.download(2, &[1; 16]), (1, ERROR), "write {address:#x}");
        assert_eq!(bench.did, []);
    }
    // A block that begins inside and ends outside, and one between words.
    for (address, bytes) in [(0x0817_FC00, 2048), (0x0800_C008, 16), (0x0800_BFF0, 32)] {
        let mut bench = Bench::new();
        bench.command(0x21, address);
        assert_eq!(
            bench.download(2, &std::vec![1; bytes]),
            (1, ERROR),
            "{address:#x}"
        );
    }
}

#[test]
fn the_files_are_a_memory_of_their_own() {
    let mut bench = Bench::new();
    bench.dfu.select(1);
    assert_eq!(bench.command(0x41, 0x0818_0000), (0, DOWNLOAD_IDLE));
    assert_eq!(bench.command(0x41, 0x0817_FFFF), (1, ERROR));
    assert_eq!(bench.did, [Work::Erase(0x0818_0000)]);
}

#[test]
fn the_names_say_what_the_loader_does() {
    for (alternate, name) in NAMES.iter().enumerate() {
        let (_, areas) = name.rsplit_once('/').unwrap();
        let base = name.split('/').nth(1).unwrap();
        let mut at = u32::from_str_radix(base.trim_start_matches("0x"), 16).unwrap();
        for area in areas.split(',') {
            let (count, size) = area.split_once('*').unwrap();
            let bytes: u32 = size[..3].parse::<u32>().unwrap() * 1024;
            assert_eq!(bytes, SECTOR_BYTES);
            for _ in 0..count.parse().unwrap() {
                let mut bench = Bench::new();
                bench.dfu.select(alternate as u8);
                let erased = bench.command(0x41, at) == (0, DOWNLOAD_IDLE);
                assert_eq!(erased, size.ends_with("Kg"), "{name} {at:#x}");
                at += bytes;
            }
        }
        assert_eq!(at, 0x0820_0000, "{name}");
    }
}

#[test]
fn everything_can_be_read_up_to_the_end_of_the_flash() {
    let mut bench = Bench::new();
    let mut to = [0; 2048];
    assert_eq!(bench.dfu.input(2, 0, 2048, &mut to), Answer::Bytes(3));
    assert_eq!(to[..3], [0x00, 0x21, 0x41]);
    bench.command(0x21, 0x0800_0000);
    bench.out(6, 0, &[]);
    assert_eq!(
        bench.dfu.input(2, 2, 2048, &mut to),
        Answer::Memory(0x0800_0000, 2048)
    );
    assert_eq!(bench.status().2, UPLOAD_IDLE);
    assert_eq!(
        bench.dfu.input(2, 3, 2048, &mut to),
        Answer::Memory(0x0800_0800, 2048)
    );
    bench.out(6, 0, &[]);
    bench.command(0x21, 0x081F_FF00);
    bench.out(6, 0, &[]);
    assert_eq!(
        bench.dfu.input(2, 2, 2048, &mut to),
        Answer::Memory(0x081F_FF00, 256)
    );
    assert_eq!(bench.status().2, IDLE, "a short block is the last one");
    assert_eq!(bench.dfu.input(2, 3, 2048, &mut to), Answer::Stall);
    assert_eq!(bench.status(), (1, 0, ERROR));
}

#[test]
fn what_the_flash_refuses_is_told() {
    for status in [Status::Erase, Status::Write, Status::NotErased, Status::Verify] {
        let mut bench = Bench::new();
        bench.result = Err(status);
        assert_eq!(bench.command(0x41, 0x0800_C000), (status as u8, ERROR));
        assert_eq!(bench.dfu.work(), None);
    }
}

#[test]
fn a_request_at_the_wrong_time_stalls_and_is_an_error() {
    let mut bench = Bench::new();
    for (request, data) in [(0u8, &[][..]), (7, &[]), (255, &[1, 2, 3])] {
        assert_eq!(bench.out(request, 0, data), Answer::Stall);
        assert_eq!(bench.status(), (15, 0, ERROR));
        assert_eq!(bench.out(1, 2, &[1]), Answer::Stall, "not before it is cleared");
        bench.out(4, 0, &[]);
    }
    for data in [
        &[0x21u8, 1, 2][..],
        &[0x41, 1],
        &[0x92],
        &[0x33, 0, 0, 0, 0],
        &[0x21; 6],
    ] {
        assert_eq!(bench.download(0, data), (1, ERROR), "{data:?}");
        bench.out(4, 0, &[]);
    }
    assert_eq!(bench.download(1, &[0; 16]), (1, ERROR), "block 1 is nothing");
}

#[test]
fn a_reset_of_the_bus_while_it_works_leaves_it_idle() {
    let mut bench = Bench::new();
    bench.out(1, 0, &[0x41]);
    bench.status();
    bench.dfu.become_idle();
    bench.dfu.done(Ok(()));
    assert_eq!(bench.dfu.work(), None);
    assert_eq!(bench.status(), (0, 0, IDLE));
}
