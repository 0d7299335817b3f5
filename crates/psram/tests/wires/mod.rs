//! A bus of bare wires for the tests: the driver on one side, the modelled chip on the other, nothing between.
#![allow(dead_code, reason = "each test file uses its part")]

use chipmodel::bus::qspi::{self, Lanes, Prober};
use chipmodel::parts::fitted::Fitted;
use chipmodel::parts::psram::Psram as Die;
use chipmodel::parts::psram::part::PARTS;
use chipmodel::{Picos, Time};
use psram::part::{ESP_PSRAM64H, Part};
use psram::{Bus, Controller, Frame, Hold, Line, Lines, Memory, Plan, Psram, Setup, Wish};
use std::convert::Infallible;

pub const FIELD: Wish = Wish {
    clock_max_hz: u32::MAX,
    hold: Hold::Field,
};
pub const SIZE_BYTES: u32 = 8 << 20;

/// A controller made of nothing but a clock, and the chip at its wires.
pub struct Wires {
    pub chip: Fitted,
    pub prober: Prober,
    pub kernel_hz: u32,
    mapped: Option<(Frame, Frame)>,
}

impl Wires {
    pub fn new(chip: Fitted, kernel_hz: u32) -> Self {
        Wires {
            chip,
            prober: Prober::new(Time(0), kernel_hz, Picos(0)),
            kernel_hz,
            mapped: None,
        }
    }

    /// A faultless part of that name; whether it reports tCHD follows the plan.
    pub fn with_part(key: &str, kernel_hz: u32, hold: Hold) -> Self {
        let model = PARTS
            .into_iter()
            .find(|model| model.name == key)
            .expect("a model of this part");
        let die = Die::new(model, 1, Time(0)).strict_hold(hold == Hold::Datasheet);
        Wires::new(Fitted::Psram(Box::new(die)), kernel_hz)
    }

    fn frame(frame: &Frame, address: u32) -> qspi::Frame {
        qspi::Frame {
            command: (lanes(frame.command).expect("a command has lines"), frame.opcode),
            address: lanes(frame.address).map(|lanes| (lanes, address)),
            dummy_clocks: frame.dummy_cycles.into(),
        }
    }

    pub fn complaints(&self) -> Vec<&str> {
        self.prober
            .reports
            .iter()
            .map(|report| report.message.as_str())
            .collect()
    }
}

pub fn lanes(lines: Lines) -> Option<Lanes> {
    match lines {
        Lines::None => None,
        Lines::One => Some(Lanes::One),
        Lines::Four => Some(Lanes::Four),
    }
}

impl Bus for Wires {
    type Error = Infallible;

    fn apply(&mut self, setup: &Setup) -> Result<(), Infallible> {
        let cycles = |n: u64| Picos::of_cycles(n * u64::from(setup.divider), self.kernel_hz);
        self.prober.period = cycles(1);
        self.prober.gap = cycles(setup.cs_high_cycles.into());
        Ok(())
    }

    fn command(&mut self, frame: &Frame) -> Result<(), Infallible> {
        self.prober
            .write(&mut self.chip, &Wires::frame(frame, 0), Lanes::One, &[]);
        Ok(())
    }

    fn read(&mut self, frame: &Frame, address: u32, data: &mut [u8]) -> Result<(), Infallible> {
        let on = lanes(frame.data).expect("a read has data");
        self.prober
            .read(&mut self.chip, &Wires::frame(frame, address), on, data);
        Ok(())
    }

    fn write(&mut self, frame: &Frame, address: u32, data: &[u8]) -> Result<(), Infallible> {
        let on = lanes(frame.data).expect("a write has data");
        self.prober
            .write(&mut self.chip, &Wires::frame(frame, address), on, data);
        Ok(())
    }

    fn enter_mapped(&mut self, read: &Frame, write: &Frame) -> Result<(), Infallible> {
        self.mapped = Some((*read, *write));
        Ok(())
    }

    fn leave_mapped(&mut self) -> Result<(), Infallible> {
        self.mapped = None;
        Ok(())
    }

    fn delay_us(&mut self, us: u32) {
        self.prober.now = self.prober.now + Picos::from_ns(u64::from(us) * 1000);
    }
}

/// The mapped window, seen through a cache that holds nothing: each line is one transfer.
pub struct Window(pub Wires);

impl Memory for Window {
    fn size_bytes(&self) -> u32 {
        SIZE_BYTES
    }
    fn write_line(&mut self, offset: u32, line: &Line) {
        let (_, frame) = self.0.mapped.expect("mapped");
        let bytes: Vec<u8> = line.iter().flat_map(|word| word.to_le_bytes()).collect();
        let Ok(()) = self.0.write(&frame, offset, &bytes);
    }
    fn read_line(&mut self, offset: u32) -> Line {
        let (frame, _) = self.0.mapped.expect("mapped");
        let mut bytes = [0; 32];
        let Ok(()) = self.0.read(&frame, offset, &mut bytes);
        std::array::from_fn(|i| u32::from_le_bytes(bytes[4 * i..][..4].try_into().unwrap()))
    }
    fn sync(&mut self) {}
}

pub fn plan(part: &'static Part, kernel_hz: u32, wish: Wish) -> Plan {
    Plan::new(part, &Controller::OCTOSPI, kernel_hz, wish).expect("a plan")
}

pub fn window(chip: Fitted) -> Window {
    let chip = Psram::open(
        Wires::new(chip, 70_000_000),
        plan(&ESP_PSRAM64H, 70_000_000, FIELD),
    )
    .unwrap();
    Window(chip.map().unwrap().release())
}
