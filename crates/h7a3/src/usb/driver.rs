//! embassy's driver of the core, with what version 0.3 of it leaves out: an endpoint that is switched on, or whose stall is
//! cleared, begins with DATA0 again (USB 2.0 9.1.1.5 and 9.4.5). Without it the first packet behind a SET_CONFIGURATION or a
//! CLEAR_FEATURE is taken for one that was sent twice, and lost. For endpoint 0 see [`super::control`].

use embassy_stm32::pac::USB_OTG_HS;
use embassy_usb::driver::{
    self, Direction, Endpoint as _, EndpointAddress, EndpointAllocError, EndpointType, Event, Unsupported,
};

use super::control::ControlPipe;
use super::endpoints::{Endpoints, Inner};

type InnerBus = <Inner as driver::Driver<'static>>::Bus;

/// The driver.
pub struct Driver {
    inner: Inner,
    endpoints: Endpoints,
}

impl Driver {
    /// Around embassy's.
    pub fn new(inner: Inner) -> Self {
        Driver {
            inner,
            endpoints: Endpoints::default(),
        }
    }
}

impl driver::Driver<'static> for Driver {
    type EndpointOut = <Inner as driver::Driver<'static>>::EndpointOut;
    type EndpointIn = <Inner as driver::Driver<'static>>::EndpointIn;
    type ControlPipe = ControlPipe;
    type Bus = Bus;

    fn alloc_endpoint_out(
        &mut self,
        kind: EndpointType,
        address: Option<EndpointAddress>,
        packet_bytes: u16,
        interval_ms: u8,
    ) -> Result<Self::EndpointOut, EndpointAllocError> {
        let endpoint = self
            .inner
            .alloc_endpoint_out(kind, address, packet_bytes, interval_ms)?;
        self.endpoints.add(endpoint.info().addr);
        Ok(endpoint)
    }

    fn alloc_endpoint_in(
        &mut self,
        kind: EndpointType,
        address: Option<EndpointAddress>,
        packet_bytes: u16,
        interval_ms: u8,
    ) -> Result<Self::EndpointIn, EndpointAllocError> {
        let endpoint = self
            .inner
            .alloc_endpoint_in(kind, address, packet_bytes, interval_ms)?;
        self.endpoints.add(endpoint.info().addr);
        Ok(endpoint)
    }

    fn start(self, packet_bytes: u16) -> (Bus, ControlPipe) {
        let (bus, inner) = self.inner.start(packet_bytes);
        let endpoints = self.endpoints;
        (Bus(bus), ControlPipe::new(inner, endpoints))
    }
}

/// The bus of the driver.
pub struct Bus(InnerBus);

impl driver::Bus for Bus {
    async fn enable(&mut self) {
        self.0.enable().await;
    }

    async fn disable(&mut self) {
        self.0.disable().await;
    }

    async fn poll(&mut self) -> Event {
        self.0.poll().await
    }

    fn endpoint_set_enabled(&mut self, address: EndpointAddress, enabled: bool) {
        if enabled {
            begin_with_data0(address);
        }
        self.0.endpoint_set_enabled(address, enabled);
    }

    fn endpoint_set_stalled(&mut self, address: EndpointAddress, stalled: bool) {
        self.0.endpoint_set_stalled(address, stalled);
        if !stalled {
            begin_with_data0(address);
        }
    }

    fn endpoint_is_stalled(&mut self, address: EndpointAddress) -> bool {
        self.0.endpoint_is_stalled(address)
    }

    async fn remote_wakeup(&mut self) -> Result<(), Unsupported> {
        self.0.remote_wakeup().await
    }
}

/// SD0PID (RM0455 OTG_DIEPCTLx, OTG_DOEPCTLx). Endpoint 0 minds its own packets.
fn begin_with_data0(address: EndpointAddress) {
    let number = address.index();
    if number == 0 {
        return;
    }
    critical_section::with(|_| match address.direction() {
        Direction::In => USB_OTG_HS.diepctl(number).modify(|w| w.set_sd0pid_sevnfrm(true)),
        Direction::Out => USB_OTG_HS.doepctl(number).modify(|w| w.set_sd0pid_sevnfrm(true)),
    });
}
