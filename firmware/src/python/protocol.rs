//! The Python module `protocol`: channels of a script's for OpenMV's tools.

use crate::protocol::{self, channels, link};
use omvproto::{MAX_PAYLOAD, MIN_PAYLOAD, Settings, channel};
use upy::{Arguments, Error, Kind, Obj, Result, Value, args, fun, module};

module! {
    protocol_module = protocol {
        init: fun!(keywords 0.., init),
        is_active: fun!(0, || Ok(protocol::is_active())),
        register: fun!(keywords 0.., register),
        CHANNEL_FLAG_READ: Value::int(channel::READ as i32),
        CHANNEL_FLAG_WRITE: Value::int(channel::WRITE as i32),
        CHANNEL_FLAG_EXEC: Value::int(channel::EXEC as i32),
        CHANNEL_FLAG_LOCK: Value::int(channel::LOCK as i32),
        CHANNEL_FLAG_STREAM: Value::int(channel::STREAMING as i32),
    }
}

/// `init(*, crc, seq, ack, events, max_payload, rtx_retries, rtx_timeout_ms, lock_interval_ms)`: what links begin with. The host may
/// choose otherwise.
fn init(arguments: Arguments) -> Result<()> {
    let usual = Settings::DEFAULT;
    args!(arguments => *, crc: bool = usual.crc, seq: bool = usual.seq, ack: bool = usual.ack, events: bool = usual.events,
        max_payload: usize = usual.max_payload, rtx_retries: u8 = usual.retries, rtx_timeout_ms: u32 = usual.timeout_ms,
        lock_interval_ms: u32 = usual.lock_interval_ms);
    let settings = Settings {
        crc,
        seq,
        ack,
        events,
        max_payload,
        retries: rtx_retries,
        timeout_ms: rtx_timeout_ms,
        lock_interval_ms,
    };
    if !link::set_up(settings) {
        return Err(Error::new(
            Kind::Value,
            format_args!(
                "max_payload is {MIN_PAYLOAD} to {MAX_PAYLOAD} bytes, and rtx_timeout_ms at least 1"
            ),
        ));
    }
    Ok(())
}

/// `register(name, flags=0, backend=None)`: the object's methods `poll`, `lock`, `unlock`, `size`, `shape`, `read`, `write` and `ioctl`
/// answer the host, as far as it has them.
fn register(arguments: Arguments) -> Result<Obj> {
    args!(arguments => name: Obj, flags: u8 = 0, backend: Obj = Obj::NONE);
    channels::register(name.as_str()?, flags, backend)
}
