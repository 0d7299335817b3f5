//! The protocol against a device that is made up: transcripts, losses, nonsense.

mod device;
mod host;
mod losses;
mod nonsense;
mod transcript;

use device::Fake;
use omvproto::Engine;

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
        .collect()
}

/// All that the engine has to say now.
fn said(engine: &mut Engine, device: &mut Fake, now_ms: u64) -> Vec<u8> {
    let (mut all, mut packet) = (Vec::new(), [0; 64]);
    loop {
        let count = engine.transmit(&mut packet, now_ms, device);
        if count == 0 {
            return all;
        }
        all.extend(&packet[..count]);
    }
}

#[test]
fn sums_are_those_of_the_description() {
    assert_eq!(omvproto::checksum(b"123456789"), CHECK);
}

/// Of the nine digits, computed bit by bit elsewhere.
const CHECK: u32 = 0x41B4_03D3;

#[test]
fn the_transcript_is_what_goes_over_the_wire() {
    for cut in [1, 7, 64, 4096] {
        let (mut engine, mut device) = (Engine::new(), Fake::default());
        for (at, &(why, host, expected)) in transcript::TRANSCRIPT.iter().enumerate() {
            for piece in bytes(host).chunks(cut) {
                engine.receive(piece, 20 * at as u64, &mut device);
            }
            assert_eq!(
                said(&mut engine, &mut device, 20 * at as u64),
                bytes(expected),
                "{why}, {cut} bytes at a time"
            );
        }
        assert_eq!(device.script, b"print(1)");
        assert_eq!(device.runs, 1);
        assert!(!device.is_locked);
    }
}
