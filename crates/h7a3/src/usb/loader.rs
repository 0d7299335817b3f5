//! The boot loader at the USB: DFU on endpoint 0, and the flash that it writes. The protocol is [`crate::dfu`].
//!
//! While the first bank is written, its own code waits: for 30 us at a word, for 2 ms at a sector. The core of the USB keeps the host
//! waiting meanwhile.

use core::cell::RefCell;

use critical_section::Mutex;
use embassy_futures::join::join;
use embassy_futures::yield_now;
use embassy_sync::blocking_mutex::raw::CriticalSectionRawMutex;
use embassy_sync::signal::Signal;
use embassy_time::Timer;
use embassy_usb::control::{InResponse, OutResponse, Recipient, Request, RequestType};
use embassy_usb::types::{InterfaceNumber, StringIndex};
use embassy_usb::{Builder, Config, Handler};
use static_cell::{ConstStaticCell, StaticCell};

use super::driver::Driver;
use crate::dfu::{Answer, Dfu, NAMES, SECTOR_BYTES, Status, TRANSFER_BYTES, Work};
use crate::flash::{BANK_BYTES, Bank};

/// What a host shows of the loader.
pub struct Loader {
    /// Vendor and product number.
    pub id: (u16, u16),
    /// What the board is called, and why the loader runs.
    pub product: &'static str,
    /// The host is done.
    pub on_leave: fn() -> !,
}

/// Application specific, DFU, in DFU mode (DFU 1.1 table 4.4).
const CLASS: [u8; 3] = [0xFE, 1, 2];
const DFU_FUNCTIONAL: u8 = 0x21;
/// It downloads, uploads, and is gone after a detach.
const ATTRIBUTES: u8 = 0b1011;
/// ST's extensions.
const VERSION: [u8; 2] = [0x1A, 0x01];
/// The host gets its answer first.
const ANSWER_MS: u64 = 100;
/// In milliamperes.
const MAX_POWER: u16 = 250;

static DFU: Mutex<RefCell<Dfu>> = Mutex::new(RefCell::new(Dfu::new()));
/// The block that is to be programmed.
static BLOCK: Mutex<RefCell<[u8; TRANSFER_BYTES]>> = Mutex::new(RefCell::new([0; TRANSFER_BYTES]));
/// A GETSTATUS may have begun something.
static BEGUN: Signal<CriticalSectionRawMutex, ()> = Signal::new();

fn with_dfu<T>(action: impl FnOnce(&mut Dfu) -> T) -> T {
    critical_section::with(|cs| action(&mut DFU.borrow_ref_mut(cs)))
}

/// Whether the flash is written or erased.
pub fn is_writing() -> bool {
    with_dfu(|dfu| dfu.is_busy())
}

/// Builds the device in the executor, where all of it stays.
#[embassy_executor::task]
pub async fn start(driver: Driver, loader: Loader, serial: &'static str) {
    static CONFIGURATION: ConstStaticCell<[u8; 64]> = ConstStaticCell::new([0; 64]);
    static BOS: ConstStaticCell<[u8; 16]> = ConstStaticCell::new([0; 16]);
    static CONTROL: ConstStaticCell<[u8; TRANSFER_BYTES]> = ConstStaticCell::new([0; TRANSFER_BYTES]);
    static HANDLER: StaticCell<Requests> = StaticCell::new();
    let (vendor, product) = loader.id;
    let mut config = Config::new(vendor, product);
    config.manufacturer = Some("spiram");
    config.product = Some(loader.product);
    config.serial_number = Some(serial);
    config.max_power = MAX_POWER;
    config.composite_with_iads = false;
    (
        config.device_class,
        config.device_sub_class,
        config.device_protocol,
    ) = (0, 0, 0);
    let mut builder = Builder::new(
        driver,
        config,
        CONFIGURATION.take(),
        BOS.take(),
        &mut [],
        CONTROL.take(),
    );
    let names = NAMES.map(|_| builder.string());
    let [class, subclass, protocol] = CLASS;
    let mut function = builder.function(class, subclass, protocol);
    let mut interface = function.interface();
    let number = interface.interface_number();
    for (name, is_last) in names.into_iter().zip([false, true]) {
        let mut setting = interface.alt_setting(class, subclass, protocol, Some(name));
        if is_last {
            let [low, high] = (TRANSFER_BYTES as u16).to_le_bytes();
            let [minor, major] = VERSION;
            setting.descriptor(DFU_FUNCTIONAL, &[ATTRIBUTES, 0xFF, 0, low, high, minor, major]);
        }
    }
    drop(function);
    builder.handler(HANDLER.init(Requests { number, names }));
    let mut device = builder.build();
    join(device.run(), work(loader.on_leave)).await;
}

/// Answers the host.
struct Requests {
    number: InterfaceNumber,
    names: [StringIndex; NAMES.len()],
}

impl Requests {
    fn is_ours(&self, request: &Request) -> bool {
        request.request_type == RequestType::Class
            && request.recipient == Recipient::Interface
            && request.index == u16::from(u8::from(self.number))
    }
}

impl Handler for Requests {
    fn reset(&mut self) {
        with_dfu(Dfu::become_idle);
    }

    fn set_alternate_setting(&mut self, _interface: InterfaceNumber, alternate: u8) {
        with_dfu(|dfu| dfu.select(alternate));
    }

    fn control_out(&mut self, request: Request, data: &[u8]) -> Option<OutResponse> {
        self.is_ours(&request).then(|| {
            let answer = critical_section::with(|cs| {
                let (mut dfu, mut block) = (DFU.borrow_ref_mut(cs), BLOCK.borrow_ref_mut(cs));
                dfu.out(request.request, request.value, data, &mut block)
            });
            match answer {
                Answer::Stall => OutResponse::Rejected,
                _ => OutResponse::Accepted,
            }
        })
    }

    fn control_in<'a>(&'a mut self, request: Request, to: &'a mut [u8]) -> Option<InResponse<'a>> {
        self.is_ours(&request).then(|| {
            let wanted = usize::from(request.length);
            let answer = with_dfu(|dfu| dfu.input(request.request, request.value, wanted, to));
            BEGUN.signal(());
            let bytes = match answer {
                Answer::Stall => return InResponse::Rejected,
                Answer::Done => 0,
                Answer::Bytes(bytes) => bytes,
                Answer::Memory(at, bytes) => {
                    read(at, &mut to[..bytes]);
                    bytes
                }
            };
            InResponse::Accepted(&to[..bytes])
        })
    }

    fn get_string(&mut self, index: StringIndex, _language: u16) -> Option<&str> {
        let name = self.names.iter().position(|known| *known == index);
        name.map(|n| NAMES[n])
    }
}

/// Does what requests have begun.
async fn work(on_leave: fn() -> !) {
    loop {
        BEGUN.wait().await;
        while let Some(work) = with_dfu(|dfu| dfu.work()) {
            let result = match work {
                Work::Erase(address) => erase(address),
                Work::Program(address) => critical_section::with(|cs| {
                    let bytes = DFU.borrow_ref(cs).block_bytes();
                    program(address, &BLOCK.borrow_ref(cs)[..bytes])
                }),
            };
            with_dfu(|dfu| dfu.done(result));
            // A host that asks meanwhile is answered.
            yield_now().await;
        }
        if with_dfu(|dfu| dfu.leaves()) {
            Timer::after_millis(ANSWER_MS).await;
            on_leave();
        }
    }
}

/// Words that cannot be read are zeros.
fn read(address: u32, to: &mut [u8]) {
    let (bank, offset) = Bank::of(address);
    let (here, beyond) = to.split_at_mut(to.len().min((BANK_BYTES - offset) as usize));
    // All of it is in the flash.
    let _ = bank.read(offset, here);
    let _ = Bank::Second.read(0, beyond);
}

fn erase(address: u32) -> Result<(), Status> {
    let (bank, offset) = Bank::of(address);
    bank.erase(offset / SECTOR_BYTES).map_err(|_| Status::Erase)?;
    match bank.is_blank(offset, SECTOR_BYTES) {
        true => Ok(()),
        false => Err(Status::Erase),
    }
}

fn program(address: u32, data: &[u8]) -> Result<(), Status> {
    let (bank, offset) = Bank::of(address);
    let (here, beyond) = data.split_at(data.len().min((BANK_BYTES - offset) as usize));
    for (bank, offset, data) in [(bank, offset, here), (Bank::Second, 0, beyond)] {
        if !bank.is_blank(offset, data.len() as u32) {
            return Err(Status::NotErased);
        }
        bank.program(offset, data).map_err(|_| Status::Write)?;
        if !holds(bank, offset, data) {
            return Err(Status::Verify);
        }
    }
    Ok(())
}

fn holds(bank: Bank, offset: u32, data: &[u8]) -> bool {
    let mut found = [0; 64];
    data.chunks(found.len())
        .zip((offset..).step_by(64))
        .all(|(piece, at)| {
            let found = &mut found[..piece.len()];
            bank.read(at, found) == Ok(0) && found == piece
        })
}
