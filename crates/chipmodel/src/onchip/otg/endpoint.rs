//! One endpoint in one direction: its registers, and what becomes of a token.

use super::bits::*;

/// What both directions have in common.
#[derive(Clone, Debug, Default)]
pub struct Endpoint {
    ctl: u32,
    /// Interrupt flags that stay until they are cleared.
    pub flags: u32,
    /// XFRSIZ, PKTCNT, and what stands above.
    pub tsiz: u32,
}

/// What a write to the control register asked for besides its settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// EPENA.
    pub enable: bool,
    /// EPDIS while it was on.
    pub disable: bool,
    /// SNAK.
    pub nak: bool,
    /// SNAK and CNAK at once, of which the manual says nothing.
    pub both: bool,
}

impl Endpoint {
    /// After a reset: endpoint 0 is always active.
    pub fn new(number: usize) -> Self {
        Endpoint {
            ctl: if number == 0 { CTL_USBAEP } else { 0 },
            ..Endpoint::default()
        }
    }

    /// As it reads.
    pub fn control(&self) -> u32 {
        self.ctl
    }

    /// A write to the control register of endpoint `number`.
    pub fn write_control(&mut self, number: usize, value: u32, settings: u32) -> Asked {
        // Of endpoint 0 the type is fixed and it is always active; its size has two bits.
        let settings = match number {
            0 => settings & !(CTL_USBAEP | CTL_EPTYP | CTL_MPSIZ & !3),
            _ => settings | CTL_USBAEP | CTL_EPTYP,
        };
        let was_enabled = self.is_enabled();
        self.ctl = self.ctl & !settings | value & settings;
        let asked = Asked {
            enable: value & CTL_EPENA != 0,
            disable: value & CTL_EPDIS != 0 && was_enabled,
            nak: value & CTL_SNAK != 0,
            both: value & (CTL_SNAK | CTL_CNAK) == CTL_SNAK | CTL_CNAK,
        };
        if value & CTL_CNAK != 0 {
            self.ctl &= !CTL_NAKSTS;
        }
        if asked.nak {
            self.ctl |= CTL_NAKSTS;
        }
        if number != 0 && value & CTL_SD0PID != 0 {
            self.ctl &= !CTL_DPID;
        }
        if number != 0 && value & CTL_SD1PID != 0 {
            self.ctl |= CTL_DPID;
        }
        if asked.disable {
            self.ctl &= !CTL_EPENA;
            self.flags |= EPINT_EPDISD;
        } else if asked.enable {
            self.ctl |= CTL_EPENA;
        }
        asked
    }

    pub fn is_active(&self) -> bool {
        self.ctl & CTL_USBAEP != 0
    }

    pub fn is_enabled(&self) -> bool {
        self.ctl & CTL_EPENA != 0
    }

    pub fn is_stalled(&self) -> bool {
        self.ctl & CTL_STALL != 0
    }

    pub fn naks(&self) -> bool {
        self.ctl & CTL_NAKSTS != 0
    }

    pub fn is_isochronous(&self) -> bool {
        (self.ctl & CTL_EPTYP) >> 18 == TYPE_ISOCHRONOUS
    }

    pub fn set_nak(&mut self) {
        self.ctl |= CTL_NAKSTS;
    }

    pub fn forget_stall(&mut self) {
        self.ctl &= !CTL_STALL;
    }

    /// The bus was reset: all but endpoint 0 are off.
    pub fn bus_reset(&mut self, number: usize) {
        self.ctl &= !(CTL_EPENA | CTL_STALL | CTL_DPID);
        if number != 0 {
            self.ctl &= !CTL_USBAEP;
        }
    }

    /// The data packet that it sends or expects next: true is DATA1.
    pub fn expects_data1(&self) -> bool {
        self.ctl & CTL_DPID != 0
    }

    pub fn set_data1(&mut self, data1: bool) {
        self.ctl = self.ctl & !CTL_DPID | if data1 { CTL_DPID } else { 0 };
    }

    pub fn toggle(&mut self) {
        self.ctl ^= CTL_DPID;
    }

    /// The most bytes of a packet.
    pub fn packet_bytes(&self, number: usize) -> u32 {
        match (number, self.ctl & 3) {
            (0, code) => 64 >> code,
            _ => self.ctl & CTL_MPSIZ,
        }
    }

    /// XFRSIZ: bytes still to come or to go.
    pub fn bytes_left(&self, number: usize) -> u32 {
        self.tsiz & size_mask(number)
    }

    /// PKTCNT: packets still to come or to go.
    pub fn packets_left(&self, number: usize) -> u32 {
        (self.tsiz & count_mask(number)) >> 19
    }

    /// One packet of `bytes` less. True: that was the last of the transfer.
    pub fn count_packet(&mut self, number: usize, bytes: u32) -> bool {
        let left = self.bytes_left(number).saturating_sub(bytes);
        let packets = self.packets_left(number).saturating_sub(1);
        self.tsiz = self.tsiz & !(size_mask(number) | count_mask(number)) | left | packets << 19;
        packets == 0
    }

    /// The transfer is over.
    pub fn complete(&mut self) {
        self.ctl &= !CTL_EPENA;
        self.flags |= EPINT_XFRC;
    }
}

fn size_mask(number: usize) -> u32 {
    if number == 0 { 0x7F } else { 0x7_FFFF }
}

fn count_mask(number: usize) -> u32 {
    if number == 0 { 3 << 19 } else { 0x3FF << 19 }
}
