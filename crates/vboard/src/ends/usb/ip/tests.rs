//! The messages byte by byte, and a client that talks nonsense. A whole client stands in tests/usb.rs and in the Linux guest.

use super::super::{Outcome, Request};
use super::message::{Message, Reply, read};
use super::*;

fn list() -> Vec<u8> {
    [&0x0111u16.to_be_bytes()[..], &[0x80, 5, 0, 0, 0, 0]].concat()
}

fn import(name: &str) -> Vec<u8> {
    let mut bytes = [
        &0x0111u16.to_be_bytes()[..],
        &[0x80, 3, 0, 0, 0, 0],
        name.as_bytes(),
    ]
    .concat();
    bytes.resize(40, 0);
    bytes
}

fn submit(number: u32, endpoint: u32, reads: bool, wanted: u32, setup: [u8; 8], data: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    words(
        &mut out,
        &[
            1,
            number,
            0x0001_0001,
            u32::from(reads),
            endpoint,
            0,
            wanted,
            0,
            0,
            0,
        ],
    );
    out.extend(setup);
    out.extend(data);
    out
}

fn unlink(number: u32, of: u32) -> Vec<u8> {
    let mut out = Vec::new();
    words(&mut out, &[2, number, 0x0001_0001, 0, 0, of, 0, 0, 0, 0, 0, 0]);
    out
}

fn words(out: &mut Vec<u8>, words: &[u32]) {
    out.extend(words.iter().flat_map(|word| word.to_be_bytes()));
}

fn device() -> Device {
    Device {
        descriptor: vec![18, 1, 16, 2, 239, 2, 1, 64, 9, 18, 1, 0, 16, 0, 1, 2, 3, 1],
        configuration: vec![9, 2, 18, 0, 1, 1, 0, 128, 125, 9, 4, 0, 0, 0, 2, 2, 1, 0],
        texts: [None, None, None],
    }
}

#[test]
fn questions_are_read_when_they_are_whole() {
    assert_eq!(read(&list(), false), Ok(Some((Message::List, 8))));
    let question = import("1-1");
    assert_eq!(question.len(), 40);
    for cut in 0..40 {
        assert_eq!(read(&question[..cut], false), Ok(None), "{cut}");
    }
    assert_eq!(
        read(&question, false),
        Ok(Some((Message::Import("1-1".into()), 40)))
    );
    assert!(
        read(&[1, 6, 0x80, 5, 0, 0, 0, 0], false)
            .unwrap_err()
            .contains("0x0106")
    );
    assert!(
        read(&[1, 0x11, 9, 9, 0, 0, 0, 0], false)
            .unwrap_err()
            .contains("0x0909")
    );
}

#[test]
fn a_device_is_described_in_312_bytes() {
    let mut out = Vec::new();
    Reply::Imported(Some(&device())).write(&mut out);
    assert_eq!(out.len(), 8 + 312);
    assert_eq!(out[..8], [1, 0x11, 0, 3, 0, 0, 0, 0]);
    assert_eq!(out[8 + 256..8 + 260], *b"1-1\0");
    // Bus, device, full speed, 1209:0001, version; class; configuration 1 of 1 with one interface.
    assert_eq!(
        out[8 + 288..],
        [
            0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0x12, 0x09, 0, 1, 0, 16, 239, 2, 1, 1, 1, 1
        ]
    );
    out.clear();
    Reply::Listed(Some(&device())).write(&mut out);
    assert_eq!(out.len(), 8 + 4 + 312 + 4);
    assert_eq!(out[324..], [2, 2, 1, 0]);
    out.clear();
    Reply::Imported(None).write(&mut out);
    assert_eq!(out, [1, 0x11, 0, 3, 0, 0, 0, 1]);
}

#[test]
fn a_transfer_out_brings_its_data() {
    let bytes = submit(7, 1, false, 3, [0; 8], b"abc");
    assert_eq!(read(&bytes[..50], true), Ok(None));
    let Ok(Some((Message::Submit(submit), 51))) = read(&bytes, true) else {
        panic!()
    };
    let request = Request::Out {
        endpoint: 1,
        data: b"abc".to_vec(),
        ends_short: false,
    };
    assert_eq!((submit.number, &submit.request), (7, &request));
    let mut out = Vec::new();
    let outcome = Outcome::Done {
        received: Vec::new(),
        sent: 3,
    };
    Reply::Ended {
        submit: &submit,
        outcome: &outcome,
    }
    .write(&mut out);
    assert_eq!(out.len(), 48);
    assert_eq!(
        out[..28],
        [
            0, 0, 0, 3, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3
        ]
    );
}

#[test]
fn what_came_in_stands_behind_the_reply_and_errors_are_linux_own() {
    let Ok(Some((Message::Submit(submit), 48))) = read(&submit(8, 2, true, 128, [0; 8], &[]), true) else {
        panic!()
    };
    let mut out = Vec::new();
    let outcome = Outcome::Done {
        received: b"hi".to_vec(),
        sent: 0,
    };
    Reply::Ended {
        submit: &submit,
        outcome: &outcome,
    }
    .write(&mut out);
    assert_eq!((out.len(), &out[48..]), (50, &b"hi"[..]));
    for (outcome, number) in [
        (Outcome::Stall, -32i32),
        (Outcome::Silence, -71),
        (Outcome::Gone, -108),
    ] {
        out.clear();
        Reply::Ended {
            submit: &submit,
            outcome: &outcome,
        }
        .write(&mut out);
        assert_eq!(out[20..24], number.to_be_bytes());
    }
}

#[test]
fn unlinking_tells_whether_it_came_in_time() {
    assert_eq!(
        read(&unlink(9, 8), true),
        Ok(Some((Message::Unlink { number: 9, of: 8 }, 48)))
    );
    let mut out = Vec::new();
    Reply::Unlinked {
        number: 9,
        taken_back: true,
    }
    .write(&mut out);
    assert_eq!((out.len(), &out[20..24]), (48, &(-104i32).to_be_bytes()[..]));
}

#[test]
fn sizes_out_of_bounds_are_refused() {
    for (endpoint, wanted) in [(16, 8), (1, 2 << 20), (1, u32::MAX)] {
        let bytes = submit(1, endpoint, false, wanted, [0; 8], &[]);
        assert!(read(&bytes, true).is_err(), "{endpoint} {wanted}");
    }
    assert!(read(&[0xFF; 48], true).is_err());
}
