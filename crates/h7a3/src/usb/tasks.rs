//! What runs in the executor: the protocol, and both directions of the port.

use core::sync::atomic::{AtomicU32, Ordering};

use embassy_futures::join::join4;
use embassy_time::Timer;
use embassy_usb::class::cdc_acm::{CdcAcmClass, ControlChanged, Receiver, Sender, State};
use embassy_usb::control::{OutResponse, Request, RequestType};
use embassy_usb::{Builder, Config, Handler};
use static_cell::{ConstStaticCell, StaticCell};

use super::driver::Driver;
use super::endpoints::PACKET_BYTES;
use super::pipe;

/// What a host shows of the board.
pub struct Identity {
    /// Vendor and product number.
    pub id: (u16, u16),
    /// What the board is called.
    pub product: &'static str,
    /// What a host asks for that opens the port at 1200 baud and closes it: the boot loader.
    pub on_touch: fn() -> !,
}

/// The speed of the touch, as boards with other loaders have it.
const TOUCH_BAUD: u32 = 1200;
const ANSWER_MS: u64 = 100;

/// As the device descriptor counts, in units of 2 mA: what a board with its LED and memory may take.
const MAX_MILLIAMPERES: u16 = 250;

/// Builds the device in the executor, where all of it stays.
#[embassy_executor::task]
pub async fn start(driver: Driver, identity: Identity, serial: &'static str) {
    static CONFIGURATION: ConstStaticCell<[u8; 128]> = ConstStaticCell::new([0; 128]);
    static BOS: ConstStaticCell<[u8; 16]> = ConstStaticCell::new([0; 16]);
    static CONTROL: ConstStaticCell<[u8; 64]> = ConstStaticCell::new([0; 64]);
    static PORT: StaticCell<State> = StaticCell::new();
    static WATCH: ConstStaticCell<Watch> = ConstStaticCell::new(Watch);
    let (vendor, product) = identity.id;
    let mut config = Config::new(vendor, product);
    config.manufacturer = Some("spiram");
    config.product = Some(identity.product);
    config.serial_number = Some(serial);
    config.max_power = MAX_MILLIAMPERES;
    let mut builder = Builder::new(
        driver,
        config,
        CONFIGURATION.take(),
        BOS.take(),
        &mut [],
        CONTROL.take(),
    );
    // The first to be asked.
    builder.handler(WATCH.take());
    let port = CdcAcmClass::new(&mut builder, PORT.init(State::new()), PACKET_BYTES);
    let mut device = builder.build();
    let (sender, receiver, changes) = port.split_with_control();
    // In this order: the protocol switches the core on, before the others look at its endpoints.
    join4(
        device.run(),
        transmit(sender),
        receive(receiver),
        follow(changes, identity.on_touch),
    )
    .await;
}

/// The speed that the program at the host has asked for last. It means nothing to a port without a wire, but for the touch.
static BAUD: AtomicU32 = AtomicU32::new(0);

/// SET_LINE_CODING (USB CDC 1.2, PSTN 6.3.10): the first four bytes are the speed.
const SET_LINE_CODING: u8 = 0x20;

/// Says whether there is anybody on the bus, and looks at requests before the port gets them.
struct Watch;

impl Handler for Watch {
    fn enabled(&mut self, _enabled: bool) {
        pipe::set_awake(false);
    }

    fn reset(&mut self) {
        pipe::set_awake(false);
        pipe::set_open(false);
    }

    fn configured(&mut self, configured: bool) {
        pipe::set_awake(configured);
    }

    fn suspended(&mut self, suspended: bool) {
        pipe::set_awake(!suspended);
    }

    fn control_out(&mut self, request: Request, data: &[u8]) -> Option<OutResponse> {
        if let (RequestType::Class, SET_LINE_CODING, [a, b, c, d, ..]) =
            (request.request_type, request.request, data)
        {
            let baud = u32::from_le_bytes([*a, *b, *c, *d]);
            BAUD.store(baud, Ordering::Relaxed);
            pipe::set_baud(baud);
        }
        None
    }
}

async fn transmit(mut sender: Sender<'static, Driver>) {
    let mut packet = [0; PACKET_BYTES as usize];
    loop {
        sender.wait_connection().await;
        let count = pipe::next_packet(&mut packet).await;
        if sender.write_packet(&packet[..count]).await.is_err() {
            continue;
        }
        pipe::note_progress();
        // A host takes a transfer for unfinished until a packet comes that is not full.
        if count == packet.len() && pipe::is_drained() {
            let _ = sender.write_packet(&[]).await;
        }
    }
}

async fn receive(mut receiver: Receiver<'static, Driver>) {
    let mut packet = [0; PACKET_BYTES as usize];
    loop {
        receiver.wait_connection().await;
        while let Ok(count) = receiver.read_packet(&mut packet).await {
            pipe::take(&mut packet[..count]).await;
        }
    }
}

async fn follow(changes: ControlChanged<'static>, on_touch: fn() -> !) {
    loop {
        changes.control_changed().await;
        pipe::set_open(changes.dtr());
        // A tool that wants to flash a board opens the port at a speed that nobody uses, and closes it.
        if !changes.dtr() && BAUD.load(Ordering::Relaxed) == TOUCH_BAUD {
            // The host gets its answer first.
            Timer::after_millis(ANSWER_MS).await;
            on_touch();
        }
    }
}
