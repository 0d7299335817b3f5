//! What MicroPython's core needs of this chip: [`Chip`] does the duties of [`upy::Port`].

mod help;

use crate::protocol::session;
use crate::python::machine::{pin, uart};
use h7a3::gpio::PinId;
use h7a3::{caches, console, interrupts, news, rng, rtc, time, watch};
use upy::{Obj, PinUse, Port, Result, interpreter};

/// The STM32H7A3 with its console.
struct Chip;

upy::port!(Chip);

impl Port for Chip {
    const HELP: &'static [u8] = help::TEXT;

    fn read_console() -> Option<u8> {
        if session::ends_prompt() {
            return Some(session::next_ending_character());
        }
        console::try_read()
    }

    fn console_is_readable() -> bool {
        session::ends_prompt() || console::readable()
    }

    fn write_console(text: &[u8]) {
        console::write(text);
    }

    fn use_as_console(stream: &Obj, r#use: bool) {
        uart::use_as_console(stream, r#use);
    }

    fn news() -> u32 {
        news::count()
    }

    fn time_us() -> u64 {
        time::ticks_us()
    }

    fn cycles() -> u32 {
        time::cycles()
    }

    fn spin_us(us: u32) {
        time::delay_us(us.into());
    }

    fn sleep_until(time_us: u64, something: impl Fn() -> bool) {
        time::sleep(time_us, something);
    }

    fn sleep_unless(something: impl Fn() -> bool) {
        console::sleep_unless(something);
    }

    fn calendar_us() -> u64 {
        rtc::now().micros()
    }

    fn random() -> Option<u32> {
        rng::random()
    }

    fn pin_of(object: &Obj) -> Result<u32> {
        pin::of(object).map(PinId::index)
    }

    fn use_pin(pin: u32, r#use: PinUse) {
        let Some(pin) = PinId::from_index(pin) else { return };
        match r#use {
            PinUse::Input => pin.input(pin.pull()),
            PinUse::Output => pin.output(false, pin.pull()),
            PinUse::OpenDrain => {
                // Released, so that the bus is not pulled low on the way.
                pin.set(true);
                pin.output(true, pin.pull());
            }
        }
    }

    fn pin_is_high(pin: u32) -> bool {
        PinId::from_index(pin).is_some_and(PinId::is_high)
    }

    fn set_pin(pin: u32, high: bool) {
        if let Some(pin) = PinId::from_index(pin) {
            pin.set(high);
        }
    }

    fn mask_interrupts() -> bool {
        interrupts::mask_all()
    }

    fn unmask_interrupts() {
        interrupts::unmask_all();
    }

    fn watch_stores() {
        watch::begin();
    }

    fn unwatch_stores() {
        watch::end();
    }

    fn take_stores(see: impl FnMut(u32)) {
        watch::take(see);
    }

    const STORE_BYTES: u32 = watch::PIECE_BYTES;

    fn hold_handlers() -> bool {
        interrupts::disable()
    }

    fn release_handlers() {
        interrupts::enable();
    }

    fn publish_code(address: usize, bytes: usize) {
        caches::publish_code(address, bytes);
    }
}

/// Lets Ctrl-C through to Python while it runs, whatever it does.
pub fn start() {
    console::set_hook(Some(interrupt_character));
    crate::protocol::start();
}

/// In the receive interrupt: swallows the character that interrupts a program.
fn interrupt_character(byte: u8) -> bool {
    let wanted = interpreter::interrupt_character() == Some(byte);
    if wanted {
        interpreter::interrupt();
    }
    wanted
}
