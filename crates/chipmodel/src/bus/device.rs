//! What every device with registers has in common.

use super::pad::Drive;
use super::report::{Kind, Report};
use super::time::{Picos, Time};

/// Width of a bus access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// 8 bits.
    Byte,
    /// 16 bits.
    Half,
    /// 32 bits.
    Word,
}

impl Width {
    /// The width in bytes.
    pub const fn bytes(self) -> u32 {
        match self {
            Width::Byte => 1,
            Width::Half => 2,
            Width::Word => 4,
        }
    }
}

/// A clock that devices run on: the processor's, a bus's, or a kernel clock of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kernel {
    /// The processor.
    Cpu,
    /// AXI and AHB.
    Hclk,
    /// APB1: TIM2-7, TIM12-14, USART2/3, UART4/5/7/8.
    Pclk1,
    /// APB2: TIM1/8/15-17, USART1/6.
    Pclk2,
    /// APB3.
    Pclk3,
    /// APB4 (SRD).
    Pclk4,
    /// Timers on APB1 (TIMPRE applied).
    Timers1,
    /// Timers on APB2 (TIMPRE applied).
    Timers2,
    /// Kernel clock of the ADCs, before their own prescaler.
    Adc,
    /// Kernel clock of both OCTOSPI.
    Octospi,
    /// Kernel clock of USART1/6/9/10.
    Usart16,
    /// Kernel clock of USART2/3, UART4/5/7/8.
    Usart234578,
    /// Kernel clock of I2C1 to I2C3.
    I2c123,
    /// Kernel clock of I2C4.
    I2c4,
    /// Kernel clock of SPI1 to SPI3.
    Spi123,
    /// Kernel clock of SPI4 and SPI5.
    Spi45,
    /// Kernel clock of SPI6.
    Spi6,
    /// Kernel clock of both FDCAN.
    Fdcan,
    /// Kernel clock of the USB core.
    Usb,
    /// Kernel clock of SDMMC1 and SDMMC2.
    Sdmmc,
    /// The clock of the calendar.
    Rtc,
    /// What MCO1 gives.
    Mco1,
}

/// The clock tree as the RCC model has it now, all in hertz. Zero is a clock that does not run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clocks {
    hz: [u32; Kernel::Mco1 as usize + 1],
}

impl Clocks {
    /// Those that are named; the others are off.
    pub fn of(running: &[(Kernel, u32)]) -> Self {
        let mut clocks = Clocks::default();
        for (clock, hz) in running {
            clocks.hz[*clock as usize] = *hz;
        }
        clocks
    }

    /// How fast one is; 0: it is off.
    #[inline(always)]
    pub fn hz(&self, clock: Kernel) -> u32 {
        self.hz[clock as usize]
    }
}

/// The world as a device sees it during one call.
pub struct Effects<'a> {
    /// The time of the access, or the time to advance to.
    pub now: Time,
    /// The clocks at that time.
    pub clocks: Clocks,
    /// Broken rules go here.
    pub reports: &'a mut Vec<Report>,
    /// How long the access keeps the processor waiting; devices add to it.
    pub stall: Picos,
}

impl<'a> Effects<'a> {
    /// The world at `now`, in which nothing has been waited for yet.
    pub fn new(now: Time, clocks: Clocks, reports: &'a mut Vec<Report>) -> Self {
        Effects {
            now,
            clocks,
            reports,
            stall: Picos(0),
        }
    }

    /// Something is wrong, at no address in particular.
    pub fn report(&mut self, kind: Kind, message: String) {
        self.reports.push(Report {
            kind,
            address: None,
            message,
        });
    }

    /// Something is wrong with an access to this bus address.
    pub fn report_at(&mut self, kind: Kind, address: u32, message: String) {
        self.reports.push(Report {
            kind,
            address: Some(address),
            message,
        });
    }
}

/// Why an access got no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// No model for this. Names the register if it is one that the manual has.
    Unmodelled(&'static str),
    /// The bus answers with an error, as silicon would, for the reason given.
    BusError(String),
}

/// A device with memory-mapped registers. Its row in the chip's map says its name, where it lies, and where its lines lead.
pub trait Device {
    /// Read `width` at `offset` from the device's base. The value is in the low bits.
    ///
    /// # Errors
    /// [`Refused::Unmodelled`] names the register or mode; [`Refused::BusError`] is what silicon would answer.
    fn read(&mut self, offset: u32, width: Width, fx: &mut Effects) -> Result<u32, Refused>;

    /// Write the low bits of `value`.
    ///
    /// # Errors
    /// As of [`Device::read`].
    fn write(&mut self, offset: u32, width: Width, value: u32, fx: &mut Effects) -> Result<(), Refused>;

    /// Back to the state after reset. Counters, and what lies beyond the pins, stay.
    fn reset(&mut self);

    /// Levels of the interrupt lines: bit n is the n-th line of the device's row.
    fn lines(&self) -> u32 {
        0
    }

    /// Levels of the DMA requests: bit n is the n-th request of the device's row.
    fn requests(&self) -> u32 {
        0
    }

    /// What the device puts on a pin that is set to its `signal`; `None`: it drives nothing there.
    fn output(&self, _signal: &str) -> Option<bool> {
        None
    }

    /// What the device puts on the pin that carries its analogue signal of this number, counted from 0; `None`: nothing.
    fn analog_output(&self, _channel: u8) -> Option<Drive> {
        None
    }

    /// Whether what it drives on pins has changed since the last call.
    fn take_outputs_changed(&mut self) -> bool {
        false
    }

    /// What is on the pin that is set to its `signal`, whenever that changes; `None`: no pin is.
    fn sense(&mut self, _signal: &str, _level: Option<bool>, _fx: &mut Effects) {}

    /// Signals whose pins follow in this order when several move at once: of a bus, the clock before the data.
    fn signals(&self) -> &'static [&'static str] {
        &[]
    }

    /// The analogue signal that the device waits to sample, as (peripheral, signal): see [`Device::sample`].
    fn wants_sample(&self) -> Option<(&'static str, u8)> {
        None
    }

    /// What is on the net of the pin that carries that signal; `None` if the net floats, or if no pin does.
    fn sample(&mut self, _millivolts: Option<u32>, _fx: &mut Effects) {}

    /// When the device next changes by itself (a timer that runs out, a byte that is sent), in absolute time.
    fn next_event(&self, _clocks: &Clocks) -> Option<Time> {
        None
    }

    /// Let time pass up to `fx.now`.
    fn advance(&mut self, _fx: &mut Effects) {}
}
