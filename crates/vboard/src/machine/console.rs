//! Both consoles of the board as the host sees them: the UART or a debug probe, and the far end of the USB cable.

use super::Machine;
use crate::ends::usb::Host;
use crate::ends::{AttachError, End};
use chipmodel::Effects;
use chipmodel::bus::usb::UsbDevice;

impl Machine {
    /// Bytes typed by the host: they reach the console's receiver at its speed; or the debug probe, if the program listens
    /// there.
    pub fn serial_in(&mut self, bytes: &[u8]) {
        if let Some(probe) = self.sys.probe.as_mut().filter(|probe| probe.is_listened_to()) {
            probe.type_in(bytes);
            self.poll_probe();
            return;
        }
        if self.sys.ends.over_usb {
            return self.with_usb(|host, _, _| host.write(bytes)).unwrap_or_default();
        }
        let now = self.sys.now();
        self.sys.chip.console().arrive(bytes, now);
        self.sys.settle();
    }

    /// Bytes that the console, and the program by way of a debug probe, have sent since the last call.
    pub fn serial_out(&mut self) -> Vec<u8> {
        match self.sys.ends.over_usb {
            true => self.sys.ends.usb().map(Host::read).unwrap_or_default(),
            false => self.sys.ends.tape.take(),
        }
    }

    /// Whether bytes of the console are on their way, in either direction.
    pub fn console_is_busy(&mut self) -> bool {
        match self.sys.ends.over_usb {
            true => self.sys.ends.usb().is_some_and(|host| host.is_busy()),
            false => self.sys.chip.console().wire_is_busy(),
        }
    }

    /// The program at the other end of a console over USB sets the port's speed; a UART's is the wire's own.
    pub fn set_line_rate(&mut self, baud: u32) {
        if self.sys.ends.over_usb {
            self.with_usb(|host, _, _| host.open(baud));
        }
    }

    /// Plug a USB cable in, whose other end is this host, and talk to the console over it.
    ///
    /// # Errors
    /// If the board has no USB connector.
    pub fn plug_usb(&mut self, host: Host) -> Result<(), AttachError> {
        self.attach("usb", Some(End::Usb(Box::new(host))))?;
        self.sys.ends.over_usb = true;
        Ok(())
    }

    /// Talk to the console over USB, or over the UART.
    pub fn set_console_over_usb(&mut self, over_usb: bool) {
        self.sys.ends.over_usb = over_usb;
    }

    /// Do something with the host at the other end of the USB cable. `None`: no cable is in.
    pub fn with_usb<T>(
        &mut self,
        action: impl FnOnce(&mut Host, &mut dyn UsbDevice, &mut Effects) -> T,
    ) -> Option<T> {
        let sys = &mut self.sys;
        let mut fx = Effects::new(sys.clock.now(), sys.clocks, &mut sys.reports);
        let host = sys.ends.usb()?;
        let result = action(host, sys.chip.usb_device(), &mut fx);
        sys.settle();
        Some(result)
    }
}
