//! `machine.lightsleep` and `deepsleep`.

use super::rtc;
use h7a3::sleep;
use upy::{Arguments, Obj, Result, args};

/// `lightsleep([time_ms])`: until then, or until a pin or the calendar interrupts. Memories and pins keep what they have.
pub fn lightsleep(arguments: Arguments) -> Result<()> {
    args!(arguments => time_ms: Option<u32> = None);
    rtc::wake_in(time_ms)?;
    sleep::light();
    if time_ms.is_some() {
        rtc::stop_waking();
    }
    Ok(())
}

/// `deepsleep([time_ms])`: until then, or until the calendar's alarm; then the board starts anew. Nothing is kept but the calendar
/// and its memory, and the files.
pub fn deepsleep(arguments: Arguments) -> Result<Obj> {
    args!(arguments => time_ms: Option<u32> = None);
    rtc::wake_in(time_ms)?;
    sleep::deep()
}
