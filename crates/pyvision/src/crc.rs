//! Module `crc`: the sums of OpenMV's debug protocol.

use upy::{Arguments, Obj, Result, args};
use vision::checksum::{self, CRC16_START, CRC32_START};

/// `crc16(data, *, value=0xFFFF)`: `value` is the sum so far.
pub fn crc16(arguments: Arguments) -> Result<u32> {
    args!(arguments => [data: Obj], *, value: u16 = CRC16_START);
    Ok(checksum::crc16(value, data.buffer()?.as_slice()).into())
}

/// `crc32(data, *, value=0xFFFFFFFF)`
pub fn crc32(arguments: Arguments) -> Result<Obj> {
    args!(arguments => [data: Obj], *, value: u32 = CRC32_START);
    Obj::from_u64(checksum::crc32(value, data.buffer()?.as_slice()).into())
}
