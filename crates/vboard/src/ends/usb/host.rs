//! The host: its root port with attach, reset and suspend, and the drivers that talk to the device.

use std::collections::VecDeque;

use super::bus::{Bus, Counts};
use super::enumerate::{ADDRESS, Device, Enumeration, Next};
use super::serial::Serial;
use super::transfer::{Outcome, Request};
use chipmodel::bus::usb::UsbDevice;
use chipmodel::{Effects, Picos, Time};

/// The line is steady for so long before it is believed (USB 2.0 7.1.7.3).
const DEBOUNCE: Picos = Picos(100_000_000_000);
/// A reset by a root port, and the rest behind it (TDRSTR, TRSTRCY).
const RESET: Picos = Picos(50_000_000_000);
const RECOVERY: Picos = Picos(10_000_000_000);
/// After its address is set a device has so long to take it (TDSETADDR).
const ADDRESS_SETTLES: Picos = Picos(2_000_000_000);
/// A suspended bus wakes by so long a signal (TDRSMDN), and then rests (TRSMRCY).
const RESUME: Picos = Picos(30_000_000_000);

/// What is at the port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Port {
    /// The cable is not in, or nothing pulls D+ up.
    Empty,
    /// Something does since a moment ago.
    Debounce(Time),
    Reset(Time),
    Recovery(Time),
    /// The device may be talked to.
    Enabled,
    Suspended,
    Resuming(Time),
}

/// A host with one device at its root port.
#[derive(Clone, Debug)]
pub struct Host {
    port: Port,
    plugged: bool,
    bus: Bus,
    /// Something was asked of it.
    changed: bool,
    enumeration: Option<(u64, Enumeration)>,
    device: Option<Device>,
    /// Why the last device could not be used.
    failure: Option<String>,
    serial: Option<Serial>,
    wants_serial: bool,
    /// What the port is opened at.
    baud: u32,
    inbox: Vec<u8>,
    outbox: VecDeque<u8>,
}

impl Host {
    /// A host whose cable is in. With `serial` it opens the serial port that it finds, as a terminal does; without, a program
    /// does with the device what it likes.
    pub fn new(serial: bool) -> Self {
        Host {
            port: Port::Empty,
            plugged: true,
            bus: Bus::new(),
            changed: true,
            enumeration: None,
            device: None,
            failure: None,
            serial: None,
            wants_serial: serial,
            baud: 115_200,
            inbox: Vec::new(),
            outbox: VecDeque::new(),
        }
    }

    /// Pull the cable, or plug it in.
    pub fn plug(&mut self, plugged: bool) {
        (self.plugged, self.changed) = (plugged, true);
    }

    /// Let the bus sleep, as a host does that suspends a port.
    pub fn suspend(&mut self, device: &mut dyn UsbDevice, fx: &mut Effects) {
        if self.port == Port::Enabled {
            self.port = Port::Suspended;
            device.run_frames(None, fx);
            device.suspend();
        }
    }

    /// Wake it.
    pub fn resume(&mut self, now: Time) {
        if self.port == Port::Suspended {
            self.port = Port::Resuming(now + RESUME);
        }
    }

    /// Reset the port; the device is enumerated anew.
    pub fn reset(&mut self, now: Time) {
        if !matches!(self.port, Port::Empty | Port::Debounce(_)) {
            self.forget_device();
            self.port = Port::Reset(now + RESET);
        }
    }

    /// The device, once it has said what it is.
    pub fn device(&self) -> Option<&Device> {
        self.device.as_ref()
    }

    /// Why the device that is there cannot be used.
    pub fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    /// Whether the serial port is open at both ends.
    pub fn is_open(&self) -> bool {
        self.serial.as_ref().is_some_and(Serial::is_ready)
    }

    /// The driver of the serial port.
    pub(super) fn serial_mut(&mut self) -> Option<&mut Serial> {
        self.serial.as_mut()
    }

    /// Open the port once more, at this speed, or as soon as there is one.
    pub fn open(&mut self, baud: u32) {
        self.baud = baud;
        if let Some(serial) = self.serial_mut() {
            serial.open(baud);
        }
        self.serve();
    }

    /// Close the port.
    pub fn close(&mut self) {
        if let Some(serial) = self.serial_mut() {
            serial.close();
        }
        self.serve();
    }

    /// Whether the program at the port reads.
    pub fn set_reads(&mut self, reads: bool) {
        if let Some(serial) = self.serial_mut() {
            serial.reads = reads;
        }
        self.serve();
    }

    /// Type on the serial port.
    pub fn write(&mut self, bytes: &[u8]) {
        self.outbox.extend(bytes);
        self.serve();
    }

    /// Bytes that the device has not taken yet.
    pub fn unsent(&self) -> usize {
        self.outbox.len() + self.bus.unsent()
    }

    /// What the serial port has sent since the last call.
    pub fn read(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.inbox)
    }

    /// Is there anything to read?
    pub fn has_some(&self) -> bool {
        !self.inbox.is_empty()
    }

    /// Whether something moves on the bus, or is about to.
    pub fn is_busy(&self) -> bool {
        self.bus.due().is_some() || !matches!(self.port, Port::Empty | Port::Enabled | Port::Suspended)
    }

    /// Ask the device for something. Returns the transfer's number.
    pub fn submit(&mut self, request: Request) -> u64 {
        self.changed = true;
        self.bus.submit(request)
    }

    /// Take a transfer back. False: it has ended already.
    pub fn cancel(&mut self, id: u64) -> bool {
        self.bus.cancel(id)
    }

    /// The next transfer that has ended, but for those of the host itself.
    pub fn take_finished(&mut self) -> Option<(u64, Outcome)> {
        self.bus.finished().pop_front()
    }

    /// What has gone over the bus; a test may begin to count anew.
    pub fn counts(&mut self) -> &mut Counts {
        &mut self.bus.counts
    }

    fn forget_device(&mut self) {
        self.bus.forget_device();
        (self.device, self.serial, self.enumeration) = (None, None, None);
    }

    /// When it next does something by itself.
    pub fn next_event(&self) -> Option<Time> {
        match self.port {
            Port::Empty | Port::Suspended => None,
            Port::Debounce(at) | Port::Reset(at) | Port::Recovery(at) | Port::Resuming(at) => Some(at),
            Port::Enabled => self.bus.due(),
        }
    }

    /// Look at the device: it may be there or gone, or able to answer what it could not.
    pub fn look(&mut self, device: &mut dyn UsbDevice, fx: &mut Effects) {
        if !device.take_changed() && !std::mem::take(&mut self.changed) {
            return;
        }
        let present = self.plugged && device.pulls_up();
        match (self.port, present) {
            (Port::Empty, true) => self.port = Port::Debounce(fx.now + DEBOUNCE),
            (Port::Empty, false) => {}
            (_, false) => self.lose(device, fx),
            (Port::Suspended, true) if device.signals_wakeup() => self.resume(fx.now),
            (Port::Enabled, true) => self.bus.plan(device, fx),
            _ => {}
        }
    }

    fn lose(&mut self, device: &mut dyn UsbDevice, fx: &mut Effects) {
        self.forget_device();
        self.settle(fx.now);
        self.port = Port::Empty;
        self.failure = None;
        device.run_frames(None, fx);
        // Without a host the lines are idle, which a device takes for suspend.
        device.suspend();
    }

    /// Do what is due.
    pub fn act(&mut self, device: &mut dyn UsbDevice, fx: &mut Effects) {
        match self.port {
            Port::Debounce(_) => {
                self.port = Port::Reset(fx.now + RESET);
            }
            Port::Reset(_) => {
                device.bus_reset(fx);
                self.forget_device();
                self.bus.start_frames(device, fx);
                self.port = Port::Recovery(fx.now + RECOVERY);
            }
            Port::Recovery(_) => {
                self.port = Port::Enabled;
                let (enumeration, request) = Enumeration::start();
                self.enumeration = Some((self.submit(request), enumeration));
            }
            Port::Resuming(_) => {
                self.port = Port::Enabled;
                self.bus.start_frames(device, fx);
                device.resume();
                self.bus.rest(fx.now, RECOVERY);
            }
            Port::Enabled => self.bus.send_packet(device, fx),
            Port::Empty | Port::Suspended => {}
        }
        self.settle(fx.now);
        self.changed = true;
        self.look(device, fx);
    }

    /// Hand ended transfers to their askers, and ask for more.
    fn settle(&mut self, now: Time) {
        let mut others = VecDeque::new();
        while let Some((id, outcome)) = self.bus.finished().pop_front() {
            match &mut self.enumeration {
                Some((asked, _)) if *asked == id => self.enumerate(outcome, now),
                _ => {
                    let serial = self.serial.as_mut();
                    if !serial.is_some_and(|serial| serial.take(id, &outcome, &mut self.inbox)) {
                        others.push_back((id, outcome));
                    }
                }
            }
        }
        *self.bus.finished() = others;
        self.serve();
    }

    /// Let the driver of the serial port ask for what it needs.
    fn serve(&mut self) {
        let Some(mut serial) = self.serial.take() else {
            return;
        };
        let mut outbox = std::mem::take(&mut self.outbox);
        serial.ask(&mut outbox, |request| self.submit(request));
        (self.serial, self.outbox) = (Some(serial), outbox);
    }

    fn enumerate(&mut self, outcome: Outcome, now: Time) {
        let Some((_, mut enumeration)) = self.enumeration.take() else {
            return;
        };
        let request = match enumeration.take(outcome) {
            Next::Ask(request) => request,
            Next::Sized(bytes, request) => {
                self.bus.set_packet_bytes(0x00, bytes.into());
                self.bus.set_packet_bytes(0x80, bytes.into());
                request
            }
            Next::Addressed(request) => {
                self.bus.address = ADDRESS;
                self.bus.rest(now, ADDRESS_SETTLES);
                request
            }
            Next::Known(device) => {
                self.know(device);
                return;
            }
            Next::Failed(why) => {
                self.failure = Some(why);
                return;
            }
        };
        self.enumeration = Some((self.submit(request), enumeration));
    }

    fn know(&mut self, device: Device) {
        let endpoints = device.endpoints();
        for endpoint in &endpoints {
            self.bus.set_packet_bytes(endpoint.address, endpoint.packet_bytes);
        }
        if self.wants_serial {
            self.serial = Serial::find(&endpoints, self.baud);
        }
        self.device = Some(device);
    }
}
