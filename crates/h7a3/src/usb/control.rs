//! Endpoint 0, with a way out of a transfer that the host gives up.
//!
//! A host that has waited long enough sends the next SETUP, resets the bus, or is gone. embassy's driver waits for the rest of the
//! old transfer for ever, and with it the whole stack. Here a new SETUP and a reset end it. A request to an endpoint that does not
//! exist stalls (USB 2.0 9.4); the driver would panic.

use core::pin::pin;

use embassy_futures::poll_once;
use embassy_futures::select::{Either, select};
use embassy_stm32::interrupt::typelevel::{self, Handler};
use embassy_stm32::pac::USB_OTG_HS;
use embassy_sync::blocking_mutex::raw::CriticalSectionRawMutex;
use embassy_sync::signal::Signal;
use embassy_usb::driver::{self, ControlPipe as _, Driver, EndpointError};

use super::endpoints::{Endpoints, Inner, PACKET_BYTES};

type InnerPipe = <Inner as Driver<'static>>::ControlPipe;

/// What is under way on endpoint 0 is over.
static GIVEN_UP: Signal<CriticalSectionRawMutex, ()> = Signal::new();

/// Looks at each interrupt of the core before the driver does; the board binds it to the same vector, first.
pub struct Watcher;

impl Handler<typelevel::OTG_HS> for Watcher {
    unsafe fn on_interrupt() {
        if USB_OTG_HS.gintsts().read().usbrst() || USB_OTG_HS.doepint(0).read().stup() {
            GIVEN_UP.signal(());
        }
    }
}

/// Endpoint 0.
pub struct ControlPipe {
    inner: InnerPipe,
    endpoints: Endpoints,
}

/// bmRequestType of a standard request to an endpoint, without its direction.
const STANDARD_TO_ENDPOINT: u8 = 2;

impl ControlPipe {
    /// Around embassy's, of a device with these endpoints.
    pub fn new(inner: InnerPipe, endpoints: Endpoints) -> Self {
        ControlPipe { inner, endpoints }
    }

    /// A packet of a transfer that was given up may still be there. The interrupt cannot bring one of the new transfer before this
    /// is done: both are of the same urgency.
    fn drop_old_packet(&mut self) {
        let mut packet = [0; PACKET_BYTES as usize];
        let _ = poll_once(pin!(self.inner.data_out(&mut packet, true, true)));
    }
}

impl driver::ControlPipe for ControlPipe {
    fn max_packet_size(&self) -> usize {
        self.inner.max_packet_size()
    }

    async fn setup(&mut self) -> [u8; 8] {
        loop {
            let setup = self.inner.setup().await;
            GIVEN_UP.reset();
            self.drop_old_packet();
            if setup[0] & 0x7F != STANDARD_TO_ENDPOINT || self.endpoints.has(setup[4]) {
                return setup;
            }
            self.inner.reject().await;
        }
    }

    async fn data_out(&mut self, bytes: &mut [u8], first: bool, last: bool) -> Result<usize, EndpointError> {
        or_given_up(self.inner.data_out(bytes, first, last)).await?
    }

    async fn data_in(&mut self, bytes: &[u8], first: bool, last: bool) -> Result<(), EndpointError> {
        or_given_up(self.inner.data_in(bytes, first, last)).await?
    }

    async fn accept(&mut self) {
        let _ = or_given_up(self.inner.accept()).await;
    }

    async fn reject(&mut self) {
        self.inner.reject().await;
    }

    async fn accept_set_address(&mut self, address: u8) {
        let _ = or_given_up(self.inner.accept_set_address(address)).await;
    }
}

/// The step of a transfer, unless that is given up meanwhile.
async fn or_given_up<T>(step: impl Future<Output = T>) -> Result<T, EndpointError> {
    match select(step, GIVEN_UP.wait()).await {
        Either::First(done) => Ok(done),
        Either::Second(()) => {
            stop_sending();
            // The next SETUP, or the reset, is looked at now.
            Err(EndpointError::Disabled)
        }
    }
}

/// A packet that waits in the FIFO of endpoint 0 is no longer asked for (RM0455 57.15.6, IN endpoint disable).
fn stop_sending() {
    critical_section::with(|_| {
        if USB_OTG_HS.diepctl(0).read().epena() {
            USB_OTG_HS.diepctl(0).modify(|w| {
                w.set_snak(true);
                w.set_epdis(true);
            });
        }
    });
}
