//! The Python module `machine`: the chip as a whole.

mod adc;
mod bus_pins;
pub mod calls;
mod edges;
mod i2c;
mod led;
pub mod pin;
mod pin_names;
mod pin_object;
mod pulse;
mod pwm;
mod rtc;
mod sdcard;
mod sleep;
mod spi;
mod tally;
mod timer;
pub mod uart;
mod uart_irq;
mod watchdog;

use crate::{last_words, loader};
use adc::ADC;
use core::fmt::Write;
use h7a3::{clocks, console, identity, interrupts, reset};
use i2c::I2C;
use led::LED;
use pin::Pin;
use pwm::PWM;
use rtc::RTC;
use spi::SPI;
use tally::{Counter, Encoder};
use timer::Timer;
use uart::UART;
use upy::{Arguments, Error, Kind, Obj, Result, Value, args, fun, module, sys};
use watchdog::WDT;

/// Values of `reset_cause()`, as on MicroPython's other STM32 boards.
const PWRON_RESET: i32 = 1;
const HARD_RESET: i32 = 2;
const WDT_RESET: i32 = 3;
const DEEPSLEEP_RESET: i32 = 4;
const SOFT_RESET: i32 = 5;
/// Of this port: the program before was ended by a fault or a panic; `spiram.last_fault()` says which.
const FAULT_RESET: i32 = 6;

module! {
    extensible machine_module = machine {
        unique_id: fun!(0, unique_id),
        freq: fun!(0..=1, freq),
        reset: fun!(0, reset),
        soft_reset: fun!(0, soft_reset),
        bootloader: fun!(keywords 0.., bootloader),
        reset_cause: fun!(0, reset_cause),
        idle: fun!(0, idle),
        lightsleep: fun!(0..=1, sleep::lightsleep),
        deepsleep: fun!(0..=1, sleep::deepsleep),
        disable_irq: fun!(0, disable_irq),
        enable_irq: fun!(0..=1, enable_irq),
        bitstream: fun!(4..=4, pulse::bitstream),
        time_pulse_us: fun!(2..=3, pulse::time_pulse_us),
        dht_readinto: fun!(2, pulse::dht_readinto),
        mem8: Value::at_raw(&raw const sys::machine_mem8_obj),
        mem16: Value::at_raw(&raw const sys::machine_mem16_obj),
        mem32: Value::at_raw(&raw const sys::machine_mem32_obj),
        ADC: Value::class::<ADC>(),
        Counter: Value::class::<Counter>(),
        Encoder: Value::class::<Encoder>(),
        I2C: Value::class::<I2C>(),
        LED: Value::class::<LED>(),
        Pin: Value::class::<Pin>(),
        PWM: Value::class::<PWM>(),
        RTC: Value::class::<RTC>(),
        SDCard: Value::class::<sdcard::SDCard>(),
        SPI: Value::class::<SPI>(),
        Timer: Value::class::<Timer>(),
        UART: Value::class::<UART>(),
        WDT: Value::class::<WDT>(),
        PinBase: Value::at_raw(&raw const sys::machine_pinbase_type),
        Signal: Value::at_raw(&raw const sys::machine_signal_type),
        SoftI2C: Value::at_raw(&raw const sys::mp_machine_soft_i2c_type),
        SoftSPI: Value::at_raw(&raw const sys::mp_machine_soft_spi_type),
        PWRON_RESET: Value::int(PWRON_RESET),
        HARD_RESET: Value::int(HARD_RESET),
        WDT_RESET: Value::int(WDT_RESET),
        DEEPSLEEP_RESET: Value::int(DEEPSLEEP_RESET),
        SOFT_RESET: Value::int(SOFT_RESET),
        FAULT_RESET: Value::int(FAULT_RESET),
    }
}

/// At the start of each run.
pub fn start() {
    edges::start();
    rtc::start();
    timer::start();
    uart_irq::start();
}

/// At its end: nothing of a script is called any more.
pub fn stop() {
    edges::stop();
    rtc::stop();
    timer::stop();
    uart::stop();
}

fn unique_id() -> Result<Obj> {
    Obj::bytes(&identity::unique_id())
}

/// `freq([hz])`: the core's clock, read or changed.
fn freq(arguments: Arguments) -> Result<Option<u32>> {
    args!(arguments => hz: Option<u32> = None);
    let Some(hz) = hz else {
        return Ok(Some(clocks::core_hz()));
    };
    if !clocks::CORE_CHOICE_HZ.contains(&hz) {
        let mut choice = heapless::String::<160>::new();
        for hz in clocks::CORE_CHOICE_HZ {
            // What does not fit is left out.
            let _ = write!(choice, " {}", hz / 1_000_000);
        }
        return Err(Error::new(
            Kind::Value,
            format_args!("{hz} Hz cannot be made; what can be, in MHz:{choice}"),
        ));
    }
    clocks::change_core(hz);
    Ok(None)
}

fn reset() -> Result<Obj> {
    reset::now()
}

/// `bootloader([timeout_ms], *, rom=False)`: into ours, to be flashed over USB, or into the chip's own. The time is for ports whose
/// loader has one.
fn bootloader(arguments: Arguments) -> Result<Obj> {
    args!(arguments => timeout_ms: Option<i32> = None, *, rom: bool = false);
    let _ = timeout_ms;
    if rom { loader::enter_rom() } else { loader::enter() }
}

fn soft_reset() -> Result<Obj> {
    Err(Error::Exit)
}

fn reset_cause() -> Result<i32> {
    Ok(match reset::cause() {
        reset::Cause::Power => PWRON_RESET,
        reset::Cause::Pin => HARD_RESET,
        reset::Cause::Software if last_words::of_last_run().is_some() => FAULT_RESET,
        reset::Cause::Software => SOFT_RESET,
        reset::Cause::Watchdog => WDT_RESET,
        reset::Cause::LowPower => DEEPSLEEP_RESET,
        reset::Cause::Unknown => 0,
    })
}

/// Sleeps until the next interrupt, whichever it is.
fn idle() -> Result<()> {
    console::sleep_unless(|| false);
    Ok(())
}

/// Holds interrupts back; returns what `enable_irq` wants. Console and clock go on.
fn disable_irq() -> Result<bool> {
    Ok(interrupts::disable())
}

/// `enable_irq(state=True)`
fn enable_irq(arguments: Arguments) -> Result<()> {
    args!(arguments => state: bool = true);
    if state {
        interrupts::enable();
    } else {
        interrupts::disable();
    }
    Ok(())
}
