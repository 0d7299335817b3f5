//! `machine.time_pulse_us`, `dht_readinto` and `bitstream`: times on one pin, measured and made by the core.

use super::pin;
use h7a3::gpio::{PinId, Pull};
use h7a3::{interrupts, pulses, time};
use upy::{Arguments, Buffer, Error, Kind, Obj, Result, args, convert, interpreter};

/// How often a wait looks for Ctrl-C.
const LOOK_US: u64 = 1_000;

/// `time_pulse_us(pin, pulse_level, timeout_us=1_000_000)`: the length of a pulse. -2: it did not begin in time, -1: it did
/// not end in time.
pub fn time_pulse_us(arguments: Arguments) -> Result<i32> {
    args!(arguments => [pin: Obj, pulse_level: bool], timeout_us: u32 = 1_000_000);
    let pin = pin::of(&pin)?;
    if wait_while(pin, !pulse_level, timeout_us.into())?.is_none() {
        return Ok(-2);
    }
    Ok(match wait_while(pin, pulse_level, timeout_us.into())? {
        Some(us) => us as i32,
        None => -1,
    })
}

/// How long the level lasts; `None` if longer than `most_us`. Ctrl-C ends it.
fn wait_while(pin: PinId, high: bool, most_us: u64) -> Result<Option<u64>> {
    let start = time::ticks_us();
    let mut look = LOOK_US;
    while pin.is_high() == high {
        let passed = time::ticks_us() - start;
        if passed >= most_us {
            return Ok(None);
        }
        if passed >= look {
            look += LOOK_US;
            if interpreter::interrupted() {
                return Ok(None);
            }
        }
    }
    Ok(Some(time::ticks_us() - start))
}

/// `dht_readinto(pin, buf)`: 40 bits of a DHT11 or DHT22 into five bytes. OSError if it does not answer (ETIMEDOUT).
pub fn dht_readinto(pin: Obj, buf: Obj) -> Result<()> {
    let pin = pin::of(&pin)?;
    let mut buffer = buf.buffer_to_fill()?;
    if buffer.len() < 5 {
        return Err(Error::Value(c"buf needs 5 bytes"));
    }
    pin.set(true);
    pin.output(true, Pull::Up);
    time::delay_us(1_000);
    pin.set(false);
    // The DHT11 wants 18 ms, the DHT22 one.
    time::delay_us(18_000);
    let bits = interrupts::quietly(|| {
        pin.set(true);
        time::delay_us(10);
        answer(pin)
    });
    let bits = bits?.ok_or(Error::Os(ETIMEDOUT))?;
    buffer.as_mut_slice()[..5].copy_from_slice(&bits.to_be_bytes()[3..]);
    Ok(())
}

/// py/mperrno.h
const ETIMEDOUT: i32 = 110;

/// The sensor pulls low, then high for 80 us; each bit is a high of 26 or 70 us.
fn answer(pin: PinId) -> Result<Option<u64>> {
    let pulse = || -> Result<Option<u64>> {
        Ok(match wait_while(pin, false, 100)? {
            Some(_) => wait_while(pin, true, 150)?,
            None => None,
        })
    };
    if wait_while(pin, true, 100)?.is_none() || pulse()?.is_none() {
        return Ok(None);
    }
    let mut bits = 0;
    for _ in 0..40 {
        let Some(us) = pulse()? else { return Ok(None) };
        bits = bits << 1 | u64::from(us > 48);
    }
    Ok(Some(bits))
}

/// The longest of the four times.
const MOST_NS: u32 = 1_000_000;
/// Interrupts wait for so long at a time: 1600 lamps. Between two pieces a chain of WS2812 would begin anew.
const PIECE_NS: u64 = 50_000_000;

/// `bitstream(pin, encoding, timing, data)`: bits as pulses of two lengths, highest first. Interrupts wait meanwhile, as on
/// MicroPython's other ports: a chain of WS2812 takes a pause for the end of a picture.
pub fn bitstream(arguments: Arguments) -> Result<()> {
    args!(arguments => [pin: Obj, encoding: i32, timing: Obj, data: Buffer]);
    let pin = pin::of(&pin)?;
    if encoding != 0 {
        return Err(Error::Value(c"encoding is 0: high, then low"));
    }
    let (mut cycles, mut longest_ns) = ([0; 4], 0);
    for (cycles, item) in cycles.iter_mut().zip(timing.items::<4>()?) {
        let ns: u32 = convert("timing", &item)?;
        if ns > MOST_NS {
            return Err(Error::new(
                Kind::Value,
                format_args!("a time of {ns} ns in timing is too long: at most {MOST_NS}"),
            ));
        }
        longest_ns = longest_ns.max(u64::from(ns));
        *cycles = (u64::from(ns) * u64::from(h7a3::clocks::core_hz()) / 1_000_000_000) as u32;
    }
    pin.set(false);
    pin.output(false, Pull::None);
    let byte_ns = 8 * 2 * longest_ns.max(1);
    let piece_bytes = (PIECE_NS / byte_ns).max(1) as usize;
    for piece in data.as_slice().chunks(piece_bytes) {
        if interpreter::interrupted() {
            break;
        }
        interrupts::quietly(|| pulses::send(pin, piece, &cycles));
    }
    Ok(())
}
