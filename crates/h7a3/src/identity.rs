//! Who this chip is.

/// The 96-bit number that no other chip has (RM0455 section 64.1).
pub fn unique_id() -> [u8; 12] {
    embassy_stm32::uid::uid()
}

/// The core: CPUID (DDI0403E B3.2.3).
pub fn cpuid() -> u32 {
    crate::armv7m::cpuid()
}

/// Below which supply the chip resets, in millivolts: FLASH_OPTSR_CUR.BOR_LEV. Level 0 leaves it to the power-on reset (DS13195,
/// reset block: typical values).
pub fn brown_out_mv() -> u32 {
    [1670, 2100, 2400, 2700][usize::from(embassy_stm32::pac::FLASH.optsr_cur().read().bor_lev() & 3)]
}

/// Chip and revision: DBGMCU_IDCODE (RM0455 section 63.5), DEV_ID in bits 11:0, REV_ID in bits 31:16.
pub fn chip() -> u32 {
    embassy_stm32::pac::DBGMCU.idc().read().0
}
