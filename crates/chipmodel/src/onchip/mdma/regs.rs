//! MDMA's registers (RM0399 15.5, the same peripheral in STM32H745; RM0455 MDMA).

/// MDMA_GISR0: one bit a channel.
pub const GISR0: u32 = 0x00;
/// Channels.
pub const CHANNELS: usize = 16;
/// Where channel 0 begins, and how far apart channels are.
pub const CHANNEL_BASE: u32 = 0x40;
pub const CHANNEL_STEP: u32 = 0x40;

// Offsets in a channel.
pub const ISR: u32 = 0x00;
pub const IFCR: u32 = 0x04;
pub const ESR: u32 = 0x08;
pub const CR: u32 = 0x0C;
pub const TCR: u32 = 0x10;
pub const BNDTR: u32 = 0x14;
pub const SAR: u32 = 0x18;
pub const DAR: u32 = 0x1C;
pub const BRUR: u32 = 0x20;
pub const LAR: u32 = 0x24;
pub const TBR: u32 = 0x28;
pub const MAR: u32 = 0x30;
pub const MDR: u32 = 0x34;

/// Flags, at the same places in ISR and IFCR.
pub mod flag {
    pub const TE: u32 = 1 << 0;
    pub const CTC: u32 = 1 << 1;
    pub const BRT: u32 = 1 << 2;
    pub const BT: u32 = 1 << 3;
    pub const TC: u32 = 1 << 4;
    pub const ALL: u32 = 0x1F;
    /// In ISR only: a request is active.
    pub const CRQA: u32 = 1 << 16;
}

pub mod esr {
    /// The low bits of the address.
    pub const TEA: u32 = 0x7F;
    /// A write, as opposed to a read.
    pub const TED: u32 = 1 << 7;
    pub const ASE: u32 = 1 << 10;
    pub const BSE: u32 = 1 << 11;
}

pub mod cr {
    pub const EN: u32 = 1 << 0;
    /// The interrupt enables lie one above their flags.
    pub const ENABLES_SHIFT: u32 = 1;
    /// WEX, HEX, BEX.
    pub const EXCHANGE: u32 = 7 << 12;
    pub const BEX: u32 = 1 << 12;
    pub const SWRQ: u32 = 1 << 16;
    /// May be written while the channel is on.
    pub const FREE: u32 = EN | super::flag::ALL << ENABLES_SHIFT;
    pub const KNOWN: u32 = FREE | 3 << 6 | EXCHANGE;
    pub const fn priority(cr: u32) -> u32 {
        cr >> 6 & 3
    }
}

pub mod tcr {
    pub const PKE: u32 = 1 << 25;
    pub const SWRM: u32 = 1 << 30;
    pub const fn inc(tcr: u32, target: bool) -> u32 {
        tcr >> (2 * target as u32) & 3
    }
    pub const fn size(tcr: u32, target: bool) -> u32 {
        1 << (tcr >> (4 + 2 * target as u32) & 3)
    }
    pub const fn offset(tcr: u32, target: bool) -> u32 {
        1 << (tcr >> (8 + 2 * target as u32) & 3)
    }
    pub const fn burst(tcr: u32, target: bool) -> u32 {
        1 << (tcr >> (12 + 3 * target as u32) & 7)
    }
    pub const fn buffer_bytes(tcr: u32) -> u32 {
        (tcr >> 18 & 0x7F) + 1
    }
    pub const fn pam(tcr: u32) -> u32 {
        tcr >> 26 & 3
    }
    pub const fn trgm(tcr: u32) -> u32 {
        tcr >> 28 & 3
    }
}

pub mod bndtr {
    pub const BNDT: u32 = 0x1_FFFF;
    pub const BNDT_MAX: u32 = 0x1_0000;
    pub const BRSUM: u32 = 1 << 18;
    pub const BRDUM: u32 = 1 << 19;
    pub const BRC_ONE: u32 = 1 << 20;
    pub const KNOWN: u32 = !(1 << 17);
    pub const fn brc(bndtr: u32) -> u32 {
        bndtr >> 20
    }
}

pub mod tbr {
    pub const TSEL: u32 = 0x3F;
    pub const SBUS: u32 = 1 << 16;
    pub const DBUS: u32 = 1 << 17;
    pub const KNOWN: u32 = TSEL | SBUS | DBUS;
}
