//! Who this chip is.

/// The 96-bit number that no other chip has (RM0455 section 64.1).
pub fn unique_id() -> [u8; 12] {
    embassy_stm32::uid::uid()
}
