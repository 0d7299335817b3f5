//! The USB core (RM0455 57) as a full-speed device on its own transceiver: registers and FIFOs on one side, tokens of a host
//! on the other (`wire`).
//!
//! Does NOT model: being a host, DMA, high speed by an external transceiver, isochronous endpoints, LPM, charger detection,
//! dedicated interrupts of endpoints (EP1_IN, EP1_OUT).

mod bits;
mod endpoint;
mod fifo;
mod wire;

use crate::bus::bank::{Bank, Register};
use crate::bus::usb::FRAME;
use crate::{Device, Effects, Kind, Refused, Time, Width};
use bits::*;
use endpoint::Endpoint;
use fifo::{Receive, Transmit};

/// In each direction, endpoint 0 included.
pub const ENDPOINTS: usize = 9;
/// Frames are counted in 14 bits.
const FRAMES: u64 = 1 << 14;

const REGISTERS: &[Register] = &[
    Register::new(GOTGCTL, "OTG_GOTGCTL", 0, 0xFC).with_read_only(0x3F_FF03),
    Register::new(
        GAHBCFG,
        "OTG_GAHBCFG",
        0,
        GAHBCFG_GINTMSK | GAHBCFG_TXFELVL | 1 << 8,
    ),
    Register::new(GUSBCFG, "OTG_GUSBCFG", 0x1400, GUSBCFG_WRITABLE).with_read_only(1 << 31),
    Register::new(GINTMSK, "OTG_GINTMSK", 0, !3),
    Register::new(GRXFSIZ, "OTG_GRXFSIZ", 0x400, 0xFFFF),
    Register::new(DIEPTXF0, "OTG_DIEPTXF0", 0x0200_0400, u32::MAX),
    Register::new(GCCFG, "OTG_GCCFG", 0, GCCFG_PWRDWN | GCCFG_VBDEN).with_read_only(0xF),
    Register::new(GLPMCFG, "OTG_GLPMCFG", 0, 0),
    Register::new(DIEPTXF1, "OTG_DIEPTXF1", 0x0200_0600, u32::MAX),
    Register::new(0x108, "OTG_DIEPTXF2", 0x0200_0800, u32::MAX),
    Register::new(0x10C, "OTG_DIEPTXF3", 0x0200_0A00, u32::MAX),
    Register::new(0x110, "OTG_DIEPTXF4", 0x0200_0C00, u32::MAX),
    Register::new(0x114, "OTG_DIEPTXF5", 0x0200_0E00, u32::MAX),
    Register::new(0x118, "OTG_DIEPTXF6", 0x0200_1000, u32::MAX),
    Register::new(0x11C, "OTG_DIEPTXF7", 0x0200_1200, u32::MAX),
    Register::new(DIEPTXF8, "OTG_DIEPTXF8", 0x0200_1400, u32::MAX),
    Register::new(DCFG, "OTG_DCFG", 0x0220_0000, DCFG_WRITABLE).with_read_only(0x0220_0000),
    Register::new(
        DCTL,
        "OTG_DCTL",
        DCTL_SDIS,
        DCTL_RWUSIG | DCTL_SDIS | DCTL_POPRGDNE,
    )
    .with_read_only(DCTL_GINSTS | DCTL_GONSTS | 0xF << 7),
    Register::new(DIEPMSK, "OTG_DIEPMSK", 0, 0x317B),
    Register::new(DOEPMSK, "OTG_DOEPMSK", 0, 0x717F),
    Register::new(DAINTMSK, "OTG_DAINTMSK", 0, u32::MAX),
    Register::new(DVBUSDIS, "OTG_DVBUSDIS", 0x17D7, 0xFFFF),
    Register::new(DVBUSPULSE, "OTG_DVBUSPULSE", 0x05B8, 0xFFF),
    Register::new(DTHRCTL, "OTG_DTHRCTL", 0, 0),
    Register::new(DIEPEMPMSK, "OTG_DIEPEMPMSK", 0, 0xFFFF),
    Register::new(PCGCCTL, "OTG_PCGCCTL", 0, 0b11).with_read_only(1 << 4),
];

/// The core.
#[derive(Clone, Debug)]
pub struct Otg {
    bank: Bank,
    /// Flags of GINTSTS that stay until they are cleared.
    flags: u32,
    input: [Endpoint; ENDPOINTS],
    output: [Endpoint; ENDPOINTS],
    receive: Receive,
    transmit: [Transmit; ENDPOINTS],
    /// Of the FIFO that is written: which, and how many words of the packet are still to come.
    filling: Option<(usize, u32)>,
    memory_is_checked: bool,
    /// A SETUP came, and no token behind it yet.
    setup_waits: bool,
    /// What it answers to: DCFG.DAD, since the last status stage.
    address: u8,
    /// D- and D+ lead to the connector.
    connected: bool,
    /// There is a voltage on VBUS; seen only where the pin is wired and VBDEN is set.
    vbus: bool,
    suspended: bool,
    /// When frames began, and the number of the first.
    frames: Option<(Time, u16)>,
    /// The frame up to which GINTSTS.SOF has been cleared.
    sof_seen: Option<u64>,
    changed: bool,
}

impl Default for Otg {
    fn default() -> Self {
        Otg {
            bank: Bank::new(REGISTERS),
            flags: 0,
            input: std::array::from_fn(Endpoint::new),
            output: std::array::from_fn(Endpoint::new),
            receive: Receive::default(),
            transmit: Default::default(),
            filling: None,
            memory_is_checked: false,
            setup_waits: false,
            address: 0,
            connected: false,
            vbus: false,
            suspended: false,
            frames: None,
            sof_seen: None,
            changed: true,
        }
    }
}

impl Otg {
    /// Connect both lines to the connector, or not: their pins belong to the transceiver in analogue mode alone.
    pub fn connect(&mut self, connected: bool) {
        if std::mem::replace(&mut self.connected, connected) != connected {
            self.changed = true;
        }
    }

    /// A voltage appears on VBUS, or goes. It is seen only where the board leads it to the chip.
    pub fn set_vbus(&mut self, present: bool) {
        let before = self.session_is_valid();
        self.vbus = present;
        self.note_session(before);
    }

    fn note_session(&mut self, before: bool) {
        match (before, self.session_is_valid()) {
            (false, true) => self.flags |= GINT_SRQINT,
            (true, false) => self.flags |= GINT_OTGINT,
            _ => {}
        }
        self.changed = true;
    }

    /// Whether the core believes that a host supplies VBUS.
    fn session_is_valid(&self) -> bool {
        let control = self.bank.get(GOTGCTL);
        if control & GOTGCTL_BVALOEN != 0 {
            return control & GOTGCTL_BVALOVAL != 0;
        }
        // Without detection the comparator is off, and a device takes the session for valid (RM0455 GCCFG.VBDEN).
        self.bank.get(GCCFG) & GCCFG_VBDEN == 0 || self.vbus
    }

    fn clock_is_stopped(&self) -> bool {
        self.bank.get(PCGCCTL) & 1 != 0
    }

    /// The frame at this moment, counted from the first.
    fn frame(&self, now: Time) -> Option<u64> {
        let (start, first) = self.frames?;
        Some(u64::from(first) + (now - start).0 / FRAME.0)
    }

    fn status(&self, now: Time) -> u32 {
        let mut status = self.flags | GINT_HOST_EMPTY;
        if self.frame(now) > self.sof_seen {
            status |= GINT_SOF;
        }
        self.levels() | status
    }

    /// The flags of GINTSTS that are levels.
    fn levels(&self) -> u32 {
        let control = self.bank.get(DCTL);
        let daint = self.daint();
        let bit = |condition: bool, bit: u32| if condition { bit } else { 0 };
        bit(!self.receive.is_empty(), GINT_RXFLVL)
            | bit(control & DCTL_GINSTS != 0, GINT_GINAKEFF)
            | bit(control & DCTL_GONSTS != 0, GINT_GONAKEFF)
            | bit(daint & 0xFFFF & self.bank.get(DAINTMSK) != 0, GINT_IEPINT)
            | bit(daint & self.bank.get(DAINTMSK) & 0xFFFF_0000 != 0, GINT_OEPINT)
    }

    fn daint(&self) -> u32 {
        let mut daint = 0;
        for number in 0..ENDPOINTS {
            let empty = self.bank.get(DIEPEMPMSK) >> number & 1 != 0 && self.fifo_is_empty(number);
            let input = self.input[number].flags & self.bank.get(DIEPMSK) != 0 || empty;
            let output = self.output[number].flags & self.bank.get(DOEPMSK) != 0;
            daint |= u32::from(input) << number | u32::from(output) << (16 + number);
        }
        daint
    }

    /// TXFE: half empty, or empty, as GAHBCFG chooses.
    fn fifo_is_empty(&self, number: usize) -> bool {
        let fifo = self.fifo_of(number);
        let used = self.transmit[fifo].used_words();
        match self.bank.get(GAHBCFG) & GAHBCFG_TXFELVL {
            0 => used <= self.part_of(fifo).words / 2,
            _ => used == 0,
        }
    }

    fn take_received(&mut self, fx: &mut Effects) -> u32 {
        let Some((status, left)) = self.receive.take() else {
            fx.report(
                Kind::Rule,
                "OTG_GRXSTSP read while the receive FIFO is empty (RM0455 57.14, RXFLVL is 0)".into(),
            );
            return 0;
        };
        if left > 0 {
            let message = format!(
                "OTG_GRXSTSP read while {left} words of the packet before are still in the receive FIFO"
            );
            fx.report(Kind::Rule, message);
        }
        let number = (status & 0xF) as usize;
        match status >> 17 & 0xF {
            STATUS_SETUP_DONE => self.output[number].flags |= EPINT_STUP,
            STATUS_OUT_DONE => self.output[number].complete(),
            _ => {}
        }
        self.changed = true;
        status
    }

    fn read_fifo(&mut self, fx: &mut Effects) -> u32 {
        self.changed = true;
        self.receive.read().unwrap_or_else(|| {
            fx.report(
                Kind::Rule,
                "a FIFO of the USB core read beyond the end of the packet".into(),
            );
            0
        })
    }

    fn write_fifo(&mut self, number: usize, word: u32, fx: &mut Effects) {
        let fifo = self.fifo_of(number);
        self.check_memory(fx);
        let room = self.part_of(fifo).words;
        if self.transmit[fifo].used_words() >= room {
            let message = format!(
                "transmit FIFO {fifo} of the USB core written beyond its {room} words (DTXFSTS{number})"
            );
            fx.report(Kind::Rule, message);
            return;
        }
        self.transmit[fifo].push(word);
        let left = match self.filling {
            Some((filling, left)) if filling == number => left,
            _ => {
                let input = &self.input[number];
                input
                    .bytes_left(number)
                    .min(input.packet_bytes(number))
                    .div_ceil(4)
            }
        };
        self.filling = (left > 1).then_some((number, left - 1));
        self.changed = true;
    }

    /// A packet that is half written must not be interrupted by other registers (errata of the core: the next word is lost).
    fn check_filling(&mut self, offset: u32, fx: &mut Effects) {
        if let Some((number, left)) = self.filling.take() {
            let message = format!(
                "the register at {offset:#05x} used while {left} words of a packet for transmit FIFO {number} were still to be \
                 written: the core loses one (errata of the OTG core)"
            );
            fx.report(Kind::Rule, message);
        }
    }

    fn read_endpoint(&self, output: bool, number: usize, register: u32) -> Result<u32, Refused> {
        let endpoint = if output {
            &self.output[number]
        } else {
            &self.input[number]
        };
        Ok(match register {
            EP_CTL => endpoint.control(),
            EP_INT if !output && self.fifo_is_empty(number) => endpoint.flags | EPINT_TXFE,
            EP_INT => endpoint.flags,
            EP_TSIZ => endpoint.tsiz,
            EP_DTXFSTS if !output => {
                let fifo = self.fifo_of(number);
                self.part_of(fifo)
                    .words
                    .saturating_sub(self.transmit[fifo].used_words())
            }
            EP_DMA => 0,
            _ => return Err(Refused::Unmodelled("register of a USB endpoint")),
        })
    }

    fn write_endpoint(
        &mut self,
        output: bool,
        number: usize,
        register: u32,
        value: u32,
        fx: &mut Effects,
    ) -> Result<(), Refused> {
        let endpoint = if output {
            &mut self.output[number]
        } else {
            &mut self.input[number]
        };
        match register {
            EP_CTL => return self.write_control(output, number, value, fx),
            EP_INT => endpoint.flags &= !value,
            EP_TSIZ => endpoint.tsiz = value,
            _ => return Err(Refused::Unmodelled("register of a USB endpoint")),
        }
        Ok(())
    }

    fn write_control(
        &mut self,
        output: bool,
        number: usize,
        value: u32,
        fx: &mut Effects,
    ) -> Result<(), Refused> {
        let (endpoint, settings, name) = match output {
            true => (
                &mut self.output[number],
                CTL_MPSIZ | CTL_SNPM | CTL_STALL,
                "DOEPCTL",
            ),
            false => (
                &mut self.input[number],
                CTL_MPSIZ | CTL_STALL | CTL_TXFNUM,
                "DIEPCTL",
            ),
        };
        let was_active = endpoint.is_active();
        let asked = endpoint.write_control(number, value, settings);
        let moved = endpoint.is_active() != was_active;
        if endpoint.is_isochronous() {
            return Err(Refused::Unmodelled("isochronous endpoints of USB"));
        }
        if asked.both {
            fx.report(
                Kind::Rule,
                format!("OTG_{name}{number}: SNAK and CNAK in one write"),
            );
        }
        if asked.nak && !output {
            endpoint.flags |= EPINT_INEPNE;
        }
        if moved {
            self.memory_is_checked = false;
        }
        self.changed = true;
        Ok(())
    }

    fn write_reset(&mut self, value: u32) {
        if value & GRSTCTL_CSRST != 0 {
            self.reset();
        }
        if value & GRSTCTL_RXFFLSH != 0 {
            self.receive = Receive::default();
        }
        if value & GRSTCTL_TXFFLSH != 0 {
            match (value >> 6 & 0x1F) as usize {
                0x10 => self.transmit.iter_mut().for_each(Transmit::flush),
                number if number < ENDPOINTS => self.transmit[number].flush(),
                _ => {}
            }
        }
    }

    fn write_device_control(&mut self, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        self.bank.store(DCTL, value, "OTG_DCTL", fx)?;
        let mut control = self.bank.get(DCTL);
        for (set, clear, status) in [
            (DCTL_SGINAK, DCTL_CGINAK, DCTL_GINSTS),
            (DCTL_SGONAK, DCTL_CGONAK, DCTL_GONSTS),
        ] {
            if value & set != 0 {
                control |= status;
            }
            if value & clear != 0 {
                control &= !status;
            }
        }
        self.bank.set(DCTL, control);
        Ok(())
    }

    fn write_register(&mut self, offset: u32, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        let session = self.session_is_valid();
        match offset {
            GOTGINT => {}
            GRSTCTL => self.write_reset(value),
            GINTSTS => {
                self.flags &= !(value & GINT_CLEARABLE);
                // OTGINT goes with the flags of GOTGINT.
                if value & GINT_SOF != 0 {
                    self.sof_seen = self.frame(fx.now);
                }
            }
            GAHBCFG if value & GAHBCFG_DMAEN != 0 => return Err(Refused::Unmodelled("DMA of the USB core")),
            GUSBCFG if value & GUSBCFG_FHMOD != 0 => return Err(Refused::Unmodelled("USB as a host")),
            GUSBCFG if value & GUSBCFG_FDMOD != 0 && value & GUSBCFG_PHYSEL == 0 => {
                return Err(Refused::Unmodelled("USB with an external transceiver"));
            }
            DCTL => self.write_device_control(value, fx)?,
            DSTS | DAINT | CID | GSNPSID | GHWCFG1 | GHWCFG2 | GHWCFG3 | GHWCFG4 | GRXSTSR | GRXSTSP => {}
            _ => self.bank.store(offset, value, "OTG register", fx)?,
        }
        if matches!(offset, GRXFSIZ | DIEPTXF0 | DIEPTXF1..=DIEPTXF8) {
            self.memory_is_checked = false;
        }
        if matches!(offset, GOTGCTL | GCCFG) {
            self.note_session(session);
        }
        if offset == GOTGINT && value & GOTGINT_SEDET != 0 {
            self.flags &= !GINT_OTGINT;
        }
        self.changed = true;
        Ok(())
    }

    fn read_register(&mut self, offset: u32, fx: &mut Effects) -> Result<u32, Refused> {
        if let Some((_, value)) = IDENTITY.iter().find(|(register, _)| *register == offset) {
            return Ok(*value);
        }
        Ok(match offset {
            GOTGCTL => {
                let session = if self.session_is_valid() { GOTGCTL_BSVLD } else { 0 };
                self.bank.get(GOTGCTL) | GOTGCTL_CIDSTS | session
            }
            GOTGINT if self.flags & GINT_OTGINT != 0 => GOTGINT_SEDET,
            GOTGINT => 0,
            GRSTCTL => GRSTCTL_AHBIDL,
            GINTSTS => self.status(fx.now),
            GRXSTSR => self.receive.first().unwrap_or(0),
            GRXSTSP => self.take_received(fx),
            DSTS => {
                let frame = self.frame(fx.now).unwrap_or(0) % FRAMES;
                let suspended = if self.suspended { DSTS_SUSPSTS } else { 0 };
                (frame as u32) << 8 | DSTS_FULL_SPEED | suspended
            }
            DAINT => self.daint(),
            _ => self.bank.load(offset, "OTG register")?,
        })
    }
}

/// Where an offset lies.
enum Place {
    Register,
    Endpoint {
        output: bool,
        number: usize,
        register: u32,
    },
    Fifo(usize),
}

fn place(offset: u32) -> Place {
    let endpoint = |output: bool, from: u32| Place::Endpoint {
        output,
        number: (offset - from) as usize / 0x20,
        register: (offset - from) % 0x20,
    };
    match offset {
        DIEP..DIEP_END => endpoint(false, DIEP),
        DOEP..DOEP_END => endpoint(true, DOEP),
        FIFO..FIFO_END => Place::Fifo((offset - FIFO) as usize / 0x1000),
        _ => Place::Register,
    }
}

impl Device for Otg {
    fn read(&mut self, offset: u32, width: Width, fx: &mut Effects) -> Result<u32, Refused> {
        if width != Width::Word {
            return Err(Refused::Unmodelled("OTG registers by less than a word"));
        }
        if !matches!(place(offset), Place::Fifo(_)) {
            self.check_filling(offset, fx);
        }
        match place(offset) {
            Place::Endpoint {
                output,
                number,
                register,
            } => self.read_endpoint(output, number, register),
            Place::Fifo(_) => Ok(self.read_fifo(fx)),
            Place::Register => self.read_register(offset, fx),
        }
    }

    fn write(&mut self, offset: u32, width: Width, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        if width != Width::Word {
            return Err(Refused::Unmodelled("OTG registers by less than a word"));
        }
        if !matches!(place(offset), Place::Fifo(_)) {
            self.check_filling(offset, fx);
        }
        match place(offset) {
            Place::Endpoint {
                output,
                number,
                register,
            } => self.write_endpoint(output, number, register, value, fx),
            Place::Fifo(number) => {
                self.write_fifo(number, value, fx);
                Ok(())
            }
            Place::Register => self.write_register(offset, value, fx),
        }
    }

    /// The host, its frames and the pins are outside, and stay.
    fn reset(&mut self) {
        *self = Otg {
            connected: self.connected,
            vbus: self.vbus,
            frames: self.frames,
            ..Otg::default()
        };
    }

    fn lines(&self) -> u32 {
        let on = self.bank.get(GAHBCFG) & GAHBCFG_GINTMSK != 0;
        let pending = (self.flags | self.levels()) & self.bank.get(GINTMSK) != 0;
        u32::from(on && pending)
    }
}

#[cfg(test)]
mod tests;
