//! The bus side: what the core does with resets, frames and tokens of a host.
//!
//! That EPENA has no say in whether an OUT packet is taken is against RM0455 (DOEPCTLx) and with silicon: the driver of
//! embassy, in use on many chips with this core, never sets it for endpoint 0, nor again after a transfer. NAKSTS alone decides.
//! The same drivers write DCFG.DAD before the status stage of SET_ADDRESS, which the core still answers at the old address.

use super::bits::*;
use super::fifo::{self, Entry, Part};
use super::{ENDPOINTS, Otg};
use crate::bus::usb::{Answer, Handshake, UsbDevice};
use crate::{Effects, Kernel, Kind};

/// A SETUP packet takes two words and a status; room for it is kept.
const SETUP_WORDS: u32 = 3;

impl UsbDevice for Otg {
    fn pulls_up(&self) -> bool {
        self.bank.get(DCTL) & DCTL_SDIS == 0
            && self.bank.get(GCCFG) & GCCFG_PWRDWN != 0
            && self.session_is_valid()
            && self.connected
            && !self.clock_is_stopped()
    }

    fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }

    fn bus_reset(&mut self, fx: &mut Effects) {
        self.check_clock(fx);
        self.suspended = false;
        self.setup_waits = false;
        self.address = 0;
        for (number, endpoint) in self.input.iter_mut().enumerate() {
            endpoint.bus_reset(number);
        }
        for (number, endpoint) in self.output.iter_mut().enumerate() {
            endpoint.bus_reset(number);
        }
        // Reset, and its end, at which a full-speed host is found at once.
        self.flags |= GINT_USBRST | GINT_ENUMDNE;
        self.changed = true;
    }

    fn run_frames(&mut self, frame: Option<u16>, fx: &Effects) {
        self.frames = frame.map(|frame| (fx.now, frame));
        self.sof_seen = frame.map(u64::from);
    }

    fn start_of_frame(&mut self) {
        self.flags |= GINT_SOF;
    }

    fn wants_frames(&self) -> bool {
        self.bank.get(GINTMSK) & GINT_SOF != 0
    }

    fn wants_naks(&self) -> bool {
        (self.bank.get(DIEPMSK) & (EPINT_NAK | EPINT_ITTXFE)
            | self.bank.get(DOEPMSK) & (EPINT_NAK | EPINT_OTEPDIS))
            != 0
    }

    fn suspend(&mut self) {
        if !std::mem::replace(&mut self.suspended, true) {
            self.flags |= GINT_ESUSP | GINT_USBSUSP;
        }
    }

    fn resume(&mut self) {
        if std::mem::replace(&mut self.suspended, false) {
            self.flags |= GINT_WKUPINT;
        }
    }

    fn signals_wakeup(&self) -> bool {
        self.suspended && self.bank.get(DCTL) & DCTL_RWUSIG != 0
    }

    fn takes(&self, address: u8, endpoint: u8, bytes: usize) -> bool {
        !self.is_meant(address, endpoint)
            || self.token_ends_setup(endpoint)
            || self.verdict(usize::from(endpoint), bytes) != Handshake::Nak
    }

    fn gives(&self, address: u8, endpoint: u8) -> bool {
        !self.is_meant(address, endpoint)
            || self.token_ends_setup(endpoint)
            || self.answer(usize::from(endpoint)) != Answer::Nak
    }

    fn setup(&mut self, address: u8, bytes: [u8; 8], fx: &mut Effects) -> Handshake {
        if !self.is_meant(address, 0) {
            return Handshake::Silence;
        }
        self.check_memory(fx);
        if self.receive_room() < SETUP_WORDS {
            // A host takes silence for a lost packet, and sends it again.
            return Handshake::Silence;
        }
        self.receive
            .push(Entry::new(status(0, 8, false, STATUS_SETUP), &bytes));
        for endpoint in [&mut self.input[0], &mut self.output[0]] {
            endpoint.forget_stall();
            endpoint.set_nak();
            endpoint.set_data1(true);
        }
        let left = (self.output[0].tsiz >> 29 & 3).saturating_sub(1);
        self.output[0].tsiz = self.output[0].tsiz & !(3 << 29) | left << 29;
        self.setup_waits = true;
        self.changed = true;
        Handshake::Ack
    }

    fn out(&mut self, address: u8, endpoint: u8, data1: bool, bytes: &[u8], fx: &mut Effects) -> Handshake {
        if !self.is_meant(address, endpoint) {
            return Handshake::Silence;
        }
        let number = usize::from(endpoint);
        self.end_setup(endpoint);
        self.check_memory(fx);
        let verdict = self.verdict(number, bytes.len());
        let out = &mut self.output[number];
        let most = out.packet_bytes(number) as usize;
        if out.is_active() && bytes.len() > most {
            let message = format!(
                "the host sends {} bytes to OUT endpoint {endpoint}, whose packets have {most} (DOEPCTL{endpoint}.MPSIZ)",
                bytes.len()
            );
            fx.report(Kind::Rule, message);
        }
        if verdict == Handshake::Nak {
            out.flags |= EPINT_NAK;
            if !out.is_enabled() {
                out.flags |= EPINT_OTEPDIS;
            }
        }
        // With the wrong toggle it was sent again because the host missed the answer: it is taken, and thrown away.
        if verdict != Handshake::Ack || out.expects_data1() != data1 {
            return verdict;
        }
        out.toggle();
        let last = out.count_packet(number, bytes.len() as u32) || bytes.len() < most;
        let entry = status(endpoint, bytes.len() as u32, data1, STATUS_OUT);
        self.receive.push(Entry::new(entry, bytes));
        if last {
            self.output[number].set_nak();
            let done = status(endpoint, 0, data1, STATUS_OUT_DONE);
            self.receive.push(Entry::new(done, &[]));
        }
        Handshake::Ack
    }

    fn token_in(&mut self, address: u8, endpoint: u8, fx: &mut Effects) -> Answer {
        if !self.is_meant(address, endpoint) {
            return Answer::Silence;
        }
        let number = usize::from(endpoint);
        self.end_setup(endpoint);
        self.check_memory(fx);
        let answer = self.answer(number);
        if answer == Answer::Nak {
            self.input[number].flags |= EPINT_NAK;
            if self.transmit[self.fifo_of(number)].used_words() == 0 {
                self.input[number].flags |= EPINT_ITTXFE;
            }
        }
        answer
    }

    fn acknowledge(&mut self, endpoint: u8) {
        let number = usize::from(endpoint);
        let fifo = self.fifo_of(number);
        let input = &mut self.input[number];
        let bytes = input.bytes_left(number).min(input.packet_bytes(number));
        self.transmit[fifo].drop_packet(bytes);
        input.toggle();
        if input.count_packet(number, bytes) {
            input.set_nak();
            input.complete();
        }
        if endpoint == 0 && bytes == 0 {
            self.address = (self.bank.get(DCFG) >> 4 & 0x7F) as u8;
        }
        self.changed = true;
    }
}

impl Otg {
    /// Whether a host sends frames.
    pub fn has_frames(&self) -> bool {
        self.frames.is_some()
    }

    fn is_meant(&self, address: u8, endpoint: u8) -> bool {
        self.pulls_up() && !self.suspended && usize::from(endpoint) < ENDPOINTS && self.address == address
    }

    fn token_ends_setup(&self, endpoint: u8) -> bool {
        endpoint == 0 && self.setup_waits
    }

    /// The first token behind a SETUP ends its stage.
    fn end_setup(&mut self, endpoint: u8) {
        if self.token_ends_setup(endpoint) {
            self.setup_waits = false;
            self.receive
                .push(Entry::new(status(0, 0, false, STATUS_SETUP_DONE), &[]));
        }
    }

    /// What becomes of an OUT packet of so many bytes that comes now.
    fn verdict(&self, number: usize, bytes: usize) -> Handshake {
        let out = &self.output[number];
        // The data, its status, and the status of the end.
        let needed = 2 + (bytes as u32).div_ceil(4);
        let nak_all = self.bank.get(DCTL) & DCTL_GONSTS != 0;
        if !out.is_active() || bytes as u32 > out.packet_bytes(number) {
            Handshake::Silence
        } else if out.is_stalled() {
            Handshake::Stall
        } else if out.naks() || nak_all || self.receive_room() < needed {
            Handshake::Nak
        } else {
            Handshake::Ack
        }
    }

    /// What an IN token gets now.
    fn answer(&self, number: usize) -> Answer {
        let (input, fifo) = (&self.input[number], &self.transmit[self.fifo_of(number)]);
        let nak_all = self.bank.get(DCTL) & DCTL_GINSTS != 0;
        let bytes = input.bytes_left(number).min(input.packet_bytes(number));
        if !input.is_active() {
            Answer::Silence
        } else if input.is_stalled() {
            Answer::Stall
        } else if nak_all || input.naks() || !input.is_enabled() || !fifo.holds(bytes) {
            Answer::Nak
        } else {
            Answer::Data {
                data1: input.expects_data1(),
                bytes: fifo.packet(bytes),
            }
        }
    }

    /// Words that the receive FIFO has left.
    fn receive_room(&self) -> u32 {
        self.bank.get(GRXFSIZ).saturating_sub(self.receive.used_words())
    }

    /// Which transmit FIFO an IN endpoint uses.
    pub(super) fn fifo_of(&self, number: usize) -> usize {
        match number {
            0 => 0,
            _ => (self.input[number].control() & CTL_TXFNUM) as usize >> 22,
        }
    }

    /// The part of the memory that is the transmit FIFO of this number.
    pub(super) fn part_of(&self, fifo: usize) -> Part {
        let register = match fifo {
            0 => DIEPTXF0,
            _ => DIEPTXF1 + 4 * (fifo as u32 - 1),
        };
        Part::of(self.bank.get(register))
    }

    /// The division of the memory, looked at when it is used for the first time after a change.
    pub(super) fn check_memory(&mut self, fx: &mut Effects) {
        if std::mem::replace(&mut self.memory_is_checked, true) {
            return;
        }
        let receive = Part {
            start: 0,
            words: self.bank.get(GRXFSIZ),
        };
        let mut parts = vec![("the receive FIFO (GRXFSIZ)".to_owned(), receive)];
        for number in 0..ENDPOINTS {
            if number == 0 || self.input[number].is_active() {
                let fifo = self.fifo_of(number);
                parts.push((
                    format!("transmit FIFO {fifo} (DIEPTXF{fifo})"),
                    self.part_of(fifo),
                ));
            }
        }
        for complaint in fifo::complaints(&parts) {
            fx.report(Kind::Rule, format!("USB_OTG_HS: {complaint}"));
        }
    }

    /// The transceiver wants 48 MHz (USB 2.0 7.1.11: 0.25 %).
    fn check_clock(&self, fx: &mut Effects) {
        const WANTED_HZ: u32 = 48_000_000;
        let usb_hz = fx.clocks.hz(Kernel::Usb);
        if usb_hz.abs_diff(WANTED_HZ) > WANTED_HZ / 400 {
            let message = format!(
                "USB_OTG_HS: its kernel clock is {usb_hz} Hz, the bus wants {WANTED_HZ}, 0.25 % more or less"
            );
            fx.report(Kind::Rule, message);
        }
    }
}

/// An entry of the receive FIFO as GRXSTSP shows it.
fn status(endpoint: u8, bytes: u32, data1: bool, what: u32) -> u32 {
    u32::from(endpoint) | bytes << 4 | u32::from(data1) << 16 | what << 17
}
