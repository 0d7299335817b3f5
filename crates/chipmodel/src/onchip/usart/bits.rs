//! Places and bits of the USART registers (RM0455 54.8).

pub const CR1: u32 = 0x00;
pub const CR2: u32 = 0x04;
pub const CR3: u32 = 0x08;
pub const BRR: u32 = 0x0C;
pub const GTPR: u32 = 0x10;
pub const RTOR: u32 = 0x14;
pub const RQR: u32 = 0x18;
pub const ISR: u32 = 0x1C;
pub const ICR: u32 = 0x20;
pub const RDR: u32 = 0x24;
pub const TDR: u32 = 0x28;
pub const PRESC: u32 = 0x2C;

pub const CR1_UE: u32 = 1 << 0;
pub const CR1_RE: u32 = 1 << 2;
pub const CR1_TE: u32 = 1 << 3;
pub const CR1_IDLEIE: u32 = 1 << 4;
pub const CR1_RXNEIE: u32 = 1 << 5;
pub const CR1_TCIE: u32 = 1 << 6;
pub const CR1_TXEIE: u32 = 1 << 7;
pub const CR1_PEIE: u32 = 1 << 8;
pub const CR1_PS: u32 = 1 << 9;
pub const CR1_PCE: u32 = 1 << 10;
pub const CR1_M0: u32 = 1 << 12;
pub const CR1_OVER8: u32 = 1 << 15;
pub const CR1_M1: u32 = 1 << 28;
pub const CR1_FIFOEN: u32 = 1 << 29;
pub const CR1_TXFEIE: u32 = 1 << 30;
pub const CR1_RXFFIE: u32 = 1 << 31;
pub const CR1_KNOWN: u32 = CR1_UE
    | CR1_RE
    | CR1_TE
    | CR1_IDLEIE
    | CR1_RXNEIE
    | CR1_TCIE
    | CR1_TXEIE
    | CR1_PEIE
    | CR1_PS
    | CR1_PCE
    | CR1_M0
    | CR1_OVER8
    | CR1_M1
    | CR1_FIFOEN
    | CR1_TXFEIE
    | CR1_RXFFIE;

pub const CR2_RXINV: u32 = 1 << 16;
pub const CR2_TXINV: u32 = 1 << 17;
/// STOP too.
pub const CR2_KNOWN: u32 = 3 << 12 | CR2_RXINV | CR2_TXINV;
/// Bits of CR1 and CR2 that change what a frame is.
pub const CR1_FRAME: u32 = CR1_PS | CR1_PCE | CR1_M0 | CR1_M1;

pub const CR3_EIE: u32 = 1 << 0;
pub const CR3_DMAR: u32 = 1 << 6;
pub const CR3_DMAT: u32 = 1 << 7;
pub const CR3_RTSE: u32 = 1 << 8;
pub const CR3_CTSE: u32 = 1 << 9;
pub const CR3_CTSIE: u32 = 1 << 10;
pub const CR3_ONEBIT: u32 = 1 << 11;
pub const CR3_OVRDIS: u32 = 1 << 12;
pub const CR3_DDRE: u32 = 1 << 13;
pub const CR3_TXFTIE: u32 = 1 << 23;
pub const CR3_RXFTIE: u32 = 1 << 28;
pub const CR3_KNOWN: u32 = CR3_EIE
    | CR3_DMAR
    | CR3_DMAT
    | CR3_RTSE
    | CR3_CTSE
    | CR3_CTSIE
    | CR3_ONEBIT
    | CR3_OVRDIS
    | CR3_DDRE
    | CR3_TXFTIE
    | 7 << 25
    | CR3_RXFTIE
    | 7 << 29;

pub const RQR_SBKRQ: u32 = 1 << 1;
pub const RQR_RXFRQ: u32 = 1 << 3;
pub const RQR_TXFRQ: u32 = 1 << 4;

pub const PE: u32 = 1 << 0;
pub const FE: u32 = 1 << 1;
pub const NE: u32 = 1 << 2;
pub const ORE: u32 = 1 << 3;
pub const IDLE: u32 = 1 << 4;
pub const RXNE: u32 = 1 << 5;
pub const TC: u32 = 1 << 6;
pub const TXE: u32 = 1 << 7;
pub const CTSIF: u32 = 1 << 9;
pub const CTS: u32 = 1 << 10;
pub const BUSY: u32 = 1 << 16;
pub const SBKF: u32 = 1 << 18;
pub const TEACK: u32 = 1 << 21;
pub const REACK: u32 = 1 << 22;
pub const TXFE: u32 = 1 << 23;
pub const RXFF: u32 = 1 << 24;
pub const RXFT: u32 = 1 << 26;
pub const TXFT: u32 = 1 << 27;
/// Flags that ICR clears.
pub const ICR_CLEARS: u32 = PE | FE | NE | ORE | IDLE | TC | CTSIF;

/// Divisions of PRESC (RM0455 54.8.13).
pub const PRESCALERS: [u64; 12] = [1, 2, 4, 6, 8, 10, 12, 16, 32, 64, 128, 256];

/// Entries at which a FIFO threshold field (RXFTCFG, TXFTCFG) is reached: 1/8 to 7/8 of 16, full.
pub fn threshold(field: u32) -> usize {
    [2, 4, 8, 12, 14, 16, 16, 16][(field & 7) as usize]
}
