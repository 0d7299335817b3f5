//! Places and bits of the SDMMC registers (RM0433 58.10, STM32H743: the same peripheral; RM0455's own chapter could not be read).

pub const POWER: u32 = 0x00;
pub const CLKCR: u32 = 0x04;
pub const ARGR: u32 = 0x08;
pub const CMDR: u32 = 0x0C;
pub const RESPCMDR: u32 = 0x10;
pub const RESP1R: u32 = 0x14;
pub const RESP4R: u32 = 0x20;
pub const DTIMER: u32 = 0x24;
pub const DLENR: u32 = 0x28;
pub const DCTRL: u32 = 0x2C;
pub const DCNTR: u32 = 0x30;
pub const STAR: u32 = 0x34;
pub const ICR: u32 = 0x38;
pub const MASKR: u32 = 0x3C;
pub const IDMACTRLR: u32 = 0x50;
pub const IDMABASE0R: u32 = 0x58;
pub const FIFOR: u32 = 0x80;

/// PWRCTRL: 3 is on.
pub const POWER_ON: u32 = 3;
/// CLKDIV, PWRSAV, WIDBUS, NEGEDGE, HWFC_EN. Not DDR, BUSSPEED, SELCLKRX.
pub const CLKCR_KNOWN: u32 = 0x3FF | 1 << 12 | 3 << 14 | 1 << 16 | 1 << 17;

pub const CMDTRANS: u32 = 1 << 6;
pub const CMDSTOP: u32 = 1 << 7;
pub const CPSMEN: u32 = 1 << 12;
/// CMDINDEX, CMDTRANS, CMDSTOP, WAITRESP, CPSMEN.
pub const CMDR_KNOWN: u32 = 0x3F | CMDTRANS | CMDSTOP | 3 << 8 | CPSMEN;

pub const DTEN: u32 = 1 << 0;
pub const DTDIR: u32 = 1 << 1;
/// DTEN, DTDIR, DTMODE, DBLOCKSIZE, FIFORST.
pub const DCTRL_KNOWN: u32 = DTEN | DTDIR | 3 << 2 | 0xF << 4 | 1 << 13;

pub const CCRCFAIL: u32 = 1 << 0;
pub const DCRCFAIL: u32 = 1 << 1;
pub const CTIMEOUT: u32 = 1 << 2;
pub const DTIMEOUT: u32 = 1 << 3;
pub const CMDREND: u32 = 1 << 6;
pub const CMDSENT: u32 = 1 << 7;
pub const DATAEND: u32 = 1 << 8;
pub const DBCKEND: u32 = 1 << 10;
pub const DABORT: u32 = 1 << 11;
pub const DPSMACT: u32 = 1 << 12;
pub const CPSMACT: u32 = 1 << 13;
pub const TXFIFOE: u32 = 1 << 18;
pub const RXFIFOE: u32 = 1 << 19;
pub const BUSYD0: u32 = 1 << 20;
pub const BUSYD0END: u32 = 1 << 21;
pub const IDMATE: u32 = 1 << 27;
/// Flags that ICR clears.
pub const CLEARABLE: u32 = 0x1FE0_0FFF;

pub const IDMAEN: u32 = 1 << 0;
