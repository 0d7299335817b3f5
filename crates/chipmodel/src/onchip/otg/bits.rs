//! Registers and bits of the OTG core (RM0455 57.14), those of the device side.

// Global.
pub const GOTGCTL: u32 = 0x000;
pub const GOTGINT: u32 = 0x004;
pub const GAHBCFG: u32 = 0x008;
pub const GUSBCFG: u32 = 0x00C;
pub const GRSTCTL: u32 = 0x010;
pub const GINTSTS: u32 = 0x014;
pub const GINTMSK: u32 = 0x018;
pub const GRXSTSR: u32 = 0x01C;
pub const GRXSTSP: u32 = 0x020;
pub const GRXFSIZ: u32 = 0x024;
pub const DIEPTXF0: u32 = 0x028;
pub const GCCFG: u32 = 0x038;
pub const CID: u32 = 0x03C;
pub const GSNPSID: u32 = 0x040;
pub const GHWCFG1: u32 = 0x044;
pub const GHWCFG2: u32 = 0x048;
pub const GHWCFG3: u32 = 0x04C;
pub const GHWCFG4: u32 = 0x050;
pub const GLPMCFG: u32 = 0x054;
/// Of endpoint 1; those of 2 to 8 follow.
pub const DIEPTXF1: u32 = 0x104;
pub const DIEPTXF8: u32 = 0x120;

// Device.
pub const DCFG: u32 = 0x800;
pub const DCTL: u32 = 0x804;
pub const DSTS: u32 = 0x808;
pub const DIEPMSK: u32 = 0x810;
pub const DOEPMSK: u32 = 0x814;
pub const DAINT: u32 = 0x818;
pub const DAINTMSK: u32 = 0x81C;
pub const DVBUSDIS: u32 = 0x828;
pub const DVBUSPULSE: u32 = 0x82C;
pub const DTHRCTL: u32 = 0x830;
pub const DIEPEMPMSK: u32 = 0x834;
/// IN endpoint 0; the others follow at distances of 0x20, and the OUT endpoints begin at 0xB00.
pub const DIEP: u32 = 0x900;
pub const DIEP_END: u32 = 0xA20;
pub const DOEP: u32 = 0xB00;
pub const DOEP_END: u32 = 0xC20;
pub const PCGCCTL: u32 = 0xE00;
/// The FIFO of endpoint 0; one page each.
pub const FIFO: u32 = 0x1000;
pub const FIFO_END: u32 = 0xA000;

/// What silicon of this generation says of itself: read from an STM32H743 with the same core by users of another stack.
pub const IDENTITY: [(u32, u32); 6] = [
    (CID, 0x0000_2300),
    (GSNPSID, 0x4F54_330A),
    (GHWCFG1, 0),
    (GHWCFG2, 0x229F_E190),
    (GHWCFG3, 0x03B8_D2E8),
    (GHWCFG4, 0xE3F0_0030),
];

pub const GOTGCTL_BVALOEN: u32 = 1 << 6;
pub const GOTGCTL_BVALOVAL: u32 = 1 << 7;
/// B device: the ID pin is open.
pub const GOTGCTL_CIDSTS: u32 = 1 << 16;
pub const GOTGCTL_BSVLD: u32 = 1 << 19;

pub const GAHBCFG_GINTMSK: u32 = 1 << 0;
pub const GAHBCFG_DMAEN: u32 = 1 << 5;
pub const GAHBCFG_TXFELVL: u32 = 1 << 7;

pub const GUSBCFG_PHYSEL: u32 = 1 << 6;
pub const GUSBCFG_FHMOD: u32 = 1 << 29;
pub const GUSBCFG_FDMOD: u32 = 1 << 30;
/// TOCAL, PHYIF, ULPI select, PHYSEL, SRPCAP, HNPCAP, TRDT, PHYLPC, ULPI settings, both forces.
pub const GUSBCFG_WRITABLE: u32 = 0x6FFE_BF7F;

pub const GRSTCTL_CSRST: u32 = 1 << 0;
pub const GRSTCTL_RXFFLSH: u32 = 1 << 4;
pub const GRSTCTL_TXFFLSH: u32 = 1 << 5;
pub const GRSTCTL_AHBIDL: u32 = 1 << 31;

pub const GINT_OTGINT: u32 = 1 << 2;
pub const GINT_SOF: u32 = 1 << 3;
pub const GINT_RXFLVL: u32 = 1 << 4;
pub const GINT_GINAKEFF: u32 = 1 << 6;
pub const GINT_GONAKEFF: u32 = 1 << 7;
pub const GINT_ESUSP: u32 = 1 << 10;
pub const GINT_USBSUSP: u32 = 1 << 11;
pub const GINT_USBRST: u32 = 1 << 12;
pub const GINT_ENUMDNE: u32 = 1 << 13;
pub const GINT_IEPINT: u32 = 1 << 18;
pub const GINT_OEPINT: u32 = 1 << 19;
pub const GINT_SRQINT: u32 = 1 << 30;
pub const GINT_WKUPINT: u32 = 1 << 31;
/// Host FIFOs, which are empty: NPTXFE and PTXFE.
pub const GINT_HOST_EMPTY: u32 = 1 << 5 | 1 << 26;
/// What a 1 clears.
pub const GINT_CLEARABLE: u32 = GINT_SOF
    | GINT_ESUSP
    | GINT_USBSUSP
    | GINT_USBRST
    | GINT_ENUMDNE
    | 1 << 14
    | 1 << 15
    | 3 << 20
    | 1 << 22
    | 1 << 23
    | 1 << 27
    | 1 << 28
    | 1 << 29
    | GINT_SRQINT
    | GINT_WKUPINT;

pub const GCCFG_PWRDWN: u32 = 1 << 16;
pub const GCCFG_VBDEN: u32 = 1 << 21;

pub const GOTGINT_SEDET: u32 = 1 << 2;

/// DSPD, NZLSOHSK, DAD, PFIVL, XCVRDLY, ERRATIM, PERSCHIVL.
pub const DCFG_WRITABLE: u32 = 0x0300_DFF7;
pub const DCTL_RWUSIG: u32 = 1 << 0;
pub const DCTL_SDIS: u32 = 1 << 1;
pub const DCTL_GINSTS: u32 = 1 << 2;
pub const DCTL_GONSTS: u32 = 1 << 3;
pub const DCTL_SGINAK: u32 = 1 << 7;
pub const DCTL_CGINAK: u32 = 1 << 8;
pub const DCTL_SGONAK: u32 = 1 << 9;
pub const DCTL_CGONAK: u32 = 1 << 10;
pub const DCTL_POPRGDNE: u32 = 1 << 11;
pub const DSTS_SUSPSTS: u32 = 1 << 0;
/// Full speed on the internal transceiver, in ENUMSPD.
pub const DSTS_FULL_SPEED: u32 = 3 << 1;

// Of an endpoint, by offset from its first register.
pub const EP_CTL: u32 = 0x00;
pub const EP_INT: u32 = 0x08;
pub const EP_TSIZ: u32 = 0x10;
pub const EP_DMA: u32 = 0x14;
pub const EP_DTXFSTS: u32 = 0x18;

pub const CTL_MPSIZ: u32 = 0x7FF;
pub const CTL_USBAEP: u32 = 1 << 15;
pub const CTL_DPID: u32 = 1 << 16;
pub const CTL_NAKSTS: u32 = 1 << 17;
pub const CTL_EPTYP: u32 = 3 << 18;
pub const CTL_SNPM: u32 = 1 << 20;
pub const CTL_STALL: u32 = 1 << 21;
pub const CTL_TXFNUM: u32 = 0xF << 22;
pub const CTL_CNAK: u32 = 1 << 26;
pub const CTL_SNAK: u32 = 1 << 27;
pub const CTL_SD0PID: u32 = 1 << 28;
pub const CTL_SD1PID: u32 = 1 << 29;
pub const CTL_EPDIS: u32 = 1 << 30;
pub const CTL_EPENA: u32 = 1 << 31;

pub const EPINT_XFRC: u32 = 1 << 0;
pub const EPINT_EPDISD: u32 = 1 << 1;
/// IN: a token found the FIFO empty.
pub const EPINT_ITTXFE: u32 = 1 << 4;
/// IN: its NAK is in force.
pub const EPINT_INEPNE: u32 = 1 << 6;
/// IN: the FIFO is half empty or empty; a level.
pub const EPINT_TXFE: u32 = 1 << 7;
/// OUT: a SETUP packet waits in memory.
pub const EPINT_STUP: u32 = 1 << 3;
/// OUT: a token came while the endpoint was off.
pub const EPINT_OTEPDIS: u32 = 1 << 4;
/// A NAK was sent.
pub const EPINT_NAK: u32 = 1 << 13;

/// Isochronous, in EPTYP.
pub const TYPE_ISOCHRONOUS: u32 = 1;

// GRXSTS: what an entry of the receive FIFO is.
pub const STATUS_OUT: u32 = 0b0010;
pub const STATUS_OUT_DONE: u32 = 0b0011;
pub const STATUS_SETUP_DONE: u32 = 0b0100;
pub const STATUS_SETUP: u32 = 0b0110;
