//! The chip: its devices, the way an access finds them, and what of them reaches the core (clocks, interrupt lines, the next
//! moment at which something happens).
//!
//! An access to a peripheral whose clock is off or that is held in reset is reported and answers as silicon does: reads
//! give 0, writes are lost.

mod access;
mod camera;
pub(crate) mod clock;
pub mod devices;
mod display;
mod erratum;
mod limits;
mod map;
pub(crate) mod masters;
mod pins;
mod power;
pub(crate) mod trace;
mod whole_frames;
mod wiring;

pub use devices::{Devices, Making, Masters, SERIAL};
pub use erratum::Erratum;

use crate::board::nets::Nets;
use crate::board::parts::{Attachment, Parts};
use crate::board::{Board, Pin, package};
use chipmodel::bus::master::Requests;
use chipmodel::bus::pad::Mode;
use chipmodel::bus::usb::UsbDevice;
use chipmodel::onchip::octospi::Pins;
use chipmodel::onchip::rcc::ResetCause;
use chipmodel::onchip::usart::Usart;
use chipmodel::parts::fitted::Fitted;
use chipmodel::parts::spi_flash::SpiFlash;
use chipmodel::{Clocks, Effects, Time};
use limits::Complaint;
use map::{ROWS, find, modelled};
use trace::{Change, Trace};
use wiring::Wiring;

/// Name and offset for messages, `SPI1+0x08`, of any peripheral that the chip has.
pub fn name_of(address: u32) -> Option<String> {
    let row = &ROWS[find(address)?];
    Some(format!("{}+{:#04x}", row.name, address - row.base))
}

/// Interrupt lines as levels: line n is bit n % 32 of word n / 32.
pub type Lines = [u32; 5];

/// By port and pin.
type Selected = [[Option<(usize, &'static str)>; 16]; 11];

/// Rows of devices that are reached not only through their registers.
const RCC: usize = map::named("RCC");
const OCTOSPI1: usize = map::named("OCTOSPI1");
const FLASH: usize = map::named("FLASH");
const EXTI: usize = map::named("EXTI");
const USB: usize = map::named("USB_OTG_HS");
const DCMI: usize = map::named("DCMI");
/// Those that listen to requests.
const LISTENERS: [usize; 3] = [map::named("DMA1"), map::named("DMA2"), map::named("BDMA2")];
const ROM: usize = map::named("the boot loader in ROM");
/// Rows of buses that move bit by bit.
const BUS_ROWS: [usize; 5] = [
    map::named("SPI1"),
    map::named("SPI2"),
    map::named("SPI3"),
    map::named("SPI4"),
    map::named("SPI6"),
];
/// Those, and the camera interface: what they do often concerns nobody else at once.
const OFTEN: [usize; 6] = [
    BUS_ROWS[0],
    BUS_ROWS[1],
    BUS_ROWS[2],
    BUS_ROWS[3],
    BUS_ROWS[4],
    DCMI,
];
/// Rows of serial ports.
const SERIAL_ROWS: [usize; SERIAL.len()] = {
    let mut rows = [0; SERIAL.len()];
    let mut n = 0;
    while n < rows.len() {
        rows[n] = map::named(SERIAL[n]);
        n += 1;
    }
    rows
};

/// The chip on its board.
#[derive(Clone, Debug)]
pub struct Chip {
    /// All devices.
    pub devices: Devices,
    /// The copper around it. After a change, [`Chip::settle_pins`].
    pub nets: Nets,
    /// What was attached to it.
    pub parts: Parts,
    wiring: Wiring,
    /// What lies between the memory port and the memory: changes with joints only, and is asked for at each change of a pin.
    memory_link: Pins,
    /// What each device last told, by row.
    levels: Vec<u32>,
    lines: Lines,
    /// The row and the signal that each pin is set to.
    selected: Selected,
    /// The modes that this was found out for.
    modes: [[Option<Mode>; 16]; 11],
    requests: Requests,
    /// What stands in the masters' place while they work on everything else; `None`: they do.
    absent: Option<Box<Masters>>,
    next: Vec<Option<Time>>,
    clock_complaints: Vec<Complaint>,
    joins_dma: bool,
    /// SCK, MOSI and perhaps MISO of each of [`BUS_ROWS`] whose lines take frames whole.
    frame_lines: [Option<whole_frames::FrameLines>; BUS_ROWS.len()],
    /// What changes, while somebody records it.
    pub(crate) trace: Option<Trace>,
}

impl Chip {
    /// As it is after power-up on this board. `seed` stands for the noise of the chip.
    ///
    /// # Errors
    /// If the board has its console where no model is, or on pins that do not lead there.
    pub fn new(board: &Board, memory_chip: Fitted, seed: u64) -> Result<Self, String> {
        let making = Making {
            hse_hz: board.hse_hz,
            lse_hz: board.lse_hz,
            baud: board.console.baud,
            has_smps: board.has_smps(),
            flash_banks_kb: flash_banks_kb(board)?,
            seed,
            memory_chip,
        };
        let mut chip = Chip {
            devices: Devices::new(&making),
            absent: Some(Box::new(Masters::new(&making))),
            nets: Nets::new(board),
            parts: Parts::default(),
            wiring: Wiring::new(board)?,
            memory_link: Pins::ALL,
            levels: vec![0; ROWS.len()],
            lines: [0; 5],
            selected: [[None; 16]; 11],
            modes: [[None; 16]; 11],
            requests: Requests::default(),
            next: vec![None; ROWS.len()],
            clock_complaints: Vec::new(),
            joins_dma: false,
            frame_lines: [None; BUS_ROWS.len()],
            trace: None,
        };
        for (port, usart) in chip.devices.usarts.iter_mut().enumerate() {
            if port != chip.wiring.console {
                usart.set_end(None);
            }
        }
        chip.fit_flash(board);
        chip.fit_display(board)?;
        let mut reports = Vec::new();
        chip.settle_pins(&mut Effects::new(Time(0), chip.clocks(), &mut reports));
        chip.look_at_all();
        Ok(chip)
    }

    /// The second flash, where the board has one.
    fn fit_flash(&mut self, board: &Board) {
        // Another part has no model: its nets are there, and nobody answers.
        if let Some(flash) = board.flash.as_ref().filter(|flash| flash.part == "w25q64") {
            let at = [
                (flash.cs, "CS#"),
                (flash.sck, "CLK"),
                (flash.mosi, "DI"),
                (flash.miso, "DO"),
            ];
            self.parts
                .fit("flash", Box::new(SpiFlash::default()), &at, &mut self.nets);
        }
    }

    /// A reset of the chip. The nets keep what is on them, and the memory chip keeps its power, its content and its mode.
    pub fn system_reset(&mut self, cause: ResetCause, fx: &mut Effects) {
        for (_, row, device) in modelled() {
            // The debug support is reset by power alone, and RCC keeps the cause.
            if !matches!(row.name, "RCC" | "DBGMCU") {
                device(&mut self.devices).reset();
            }
        }
        self.devices.rcc.system_reset(cause);
        self.clock_complaints.clear();
        self.settle_pins(fx);
        self.look_at_all();
    }

    /// The clock tree now.
    pub fn clocks(&self) -> Clocks {
        self.devices.rcc.clocks()
    }

    /// When the first device changes by itself, as far as they have been looked at.
    pub fn next_event(&self) -> Option<Time> {
        let devices = self.next.iter().flatten().min().copied();
        [devices, self.parts.next_event()].into_iter().flatten().min()
    }

    /// The levels of all interrupt lines, as far as the devices have been looked at.
    pub fn irq_lines(&self) -> Lines {
        self.lines
    }

    /// Let time pass up to `fx.now`.
    pub fn advance(&mut self, fx: &mut Effects) {
        self.advance_serial_lines(fx);
        let due = |row: usize| self.next[row].is_some_and(|next| next <= fx.now);
        // Edges of a bus are many, and concern nobody else.
        let only_buses =
            OFTEN.into_iter().any(due) && (0..ROWS.len()).all(|row| !due(row) || OFTEN.contains(&row));
        if only_buses {
            for row in OFTEN {
                self.advance_device(row, fx);
                self.look_at(row);
            }
        } else {
            for (index, ..) in modelled() {
                self.advance_device(index, fx);
            }
        }
        let moved = self.parts.advance(&mut self.nets, fx);
        for pin in moved {
            self.settle_pin(pin, fx);
        }
        self.announce_picture(fx);
        if !only_buses {
            self.look_at_all();
        }
    }

    /// What moves its pins does one step at a time: others answer in between.
    fn advance_device(&mut self, row: usize, fx: &mut Effects) {
        let Some(device) = ROWS[row].device else { return };
        loop {
            device(&mut self.devices).advance(fx);
            self.feed_sample(row, fx);
            let moved = self.show_outputs(row, fx);
            let next = device(&mut self.devices).next_event(&fx.clocks);
            if !moved || next.is_none_or(|next| next > fx.now) {
                break;
            }
        }
    }

    /// Who reads a serial line knows its bits by the moments of the edges, and the present may be later than several of them.
    fn advance_serial_lines(&mut self, fx: &mut Effects) {
        let now = fx.now;
        loop {
            let next = SERIAL_ROWS.iter().filter_map(|row| self.next[*row]).min();
            let Some(time) = next.filter(|time| *time < now) else {
                break;
            };
            fx.now = time;
            for row in SERIAL_ROWS {
                if self.next[row].is_some_and(|next| next <= time)
                    && let Some(device) = ROWS[row].device
                {
                    device(&mut self.devices).advance(fx);
                    self.show_outputs(row, fx);
                    self.look_at(row);
                }
            }
        }
        fx.now = now;
    }

    /// Solder a part to the board's nets.
    pub fn attach(&mut self, asked: &Attachment, fx: &mut Effects) {
        let moved = self.parts.attach(asked, &mut self.nets);
        for pin in moved {
            self.settle_pin(pin, fx);
        }
        self.find_frame_lines();
    }

    /// Ask every device for its lines and its next event: time, clocks or the outside have changed.
    pub fn look_at_all(&mut self) {
        for (index, ..) in modelled() {
            self.look_at(index);
        }
    }

    /// OCTOSPI1 works for the core's loads and stores, not only through its registers.
    pub fn look_at_window(&mut self) {
        self.look_at(OCTOSPI1);
    }

    /// What a host finds at the USB: the core, or the boot loader in ROM while that runs.
    pub fn usb_device(&mut self) -> &mut dyn UsbDevice {
        match self.devices.rom.is_running() {
            true => &mut self.devices.rom,
            false => &mut self.devices.otg,
        }
    }

    /// The boot loader in ROM does to the flash what a host has asked for.
    pub fn let_rom_work(&mut self, now: Time) {
        let Devices { rom, flash, .. } = &mut self.devices;
        if rom.is_running() {
            rom.work(flash, now);
            self.look_at(ROM);
        }
    }

    /// A host has done something at the far end of the USB.
    pub fn look_at_usb(&mut self) {
        let frames = self.devices.otg.has_frames();
        self.devices.crs.set_frames(frames);
        self.look_at(USB);
    }

    fn look_at(&mut self, index: usize) {
        let row = &ROWS[index];
        let Some(device) = row.device else { return };
        let clocks = self.clocks();
        let device = device(&mut self.devices);
        self.next[index] = device.next_event(&clocks);
        let levels = device.lines();
        let requests = device.requests();
        let before = self.requests;
        for (bit, &request) in row.requests.iter().enumerate() {
            self.requests.set(request, requests >> bit & 1 != 0);
        }
        if self.requests != before {
            self.pass_requests();
        }
        if levels != core::mem::replace(&mut self.levels[index], levels) {
            for &irq in row.irqs {
                let level = u32::from(self.irq_level(irq));
                let (word, shift) = (usize::from(irq / 32), irq % 32);
                self.lines[word] = self.lines[word] & !(1 << shift) | level << shift;
            }
        }
        for (bit, &line) in row.exti.iter().enumerate() {
            if self.devices.exti.set_level(line, levels >> bit & 1 != 0) {
                self.look_at(EXTI);
            }
        }
    }

    /// The multiplexers give requests to those that listen.
    fn pass_requests(&mut self) {
        if self.absent.is_none() {
            // They hear of it when they are back.
            return;
        }
        let Devices {
            dmamux1,
            dmamux2,
            masters,
            ..
        } = &mut self.devices;
        let levels = dmamux1.routed(&self.requests);
        masters.dma[0].hear(levels & 0xFF);
        masters.dma[1].hear(levels >> 8);
        masters.bdma2.hear(dmamux2.routed(&self.requests));
        for index in LISTENERS {
            self.look_at(index);
        }
    }

    /// Some interrupts are shared by two devices.
    fn irq_level(&self, irq: u16) -> bool {
        ROWS.iter().zip(&self.levels).any(|(row, levels)| {
            let bit = row.irqs.iter().position(|of_row| *of_row == irq);
            bit.is_some_and(|bit| levels >> bit & 1 != 0)
        })
    }

    /// Resets that RCC has given, and rules of the new clocks.
    fn after_rcc_write(&mut self, fx: &mut Effects) {
        if self.devices.rcc.has_resets() {
            for row in ROWS {
                if !row.gate.is_some_and(|gate| self.devices.rcc.take_reset(gate)) {
                    continue;
                }
                if let Some(device) = row.device {
                    device(&mut self.devices).reset();
                }
            }
            self.devices.rcc.forget_resets();
        }
        if self.devices.rcc.take_backup_reset() {
            self.devices.rtc.backup_reset();
            self.devices.tamp.backup_reset();
        }
        self.settle_pins(fx);
        // Timers and serial ports take the new clocks from here on.
        let mut after = Effects::new(fx.now, self.clocks(), &mut *fx.reports);
        after.stall = fx.stall;
        self.advance(&mut after);
        self.check_clocks(fx);
    }

    /// Report the limits that the clocks break now and did not break before.
    fn check_clocks(&mut self, fx: &mut Effects) {
        let Devices { flash, pwr, .. } = &self.devices;
        let now = limits::broken(&self.clocks(), pwr.vos(), flash.latency(), flash.wrhighfreq());
        for complaint in now
            .iter()
            .filter(|complaint| !self.clock_complaints.contains(complaint))
        {
            fx.report(complaint.kind, complaint.message.clone());
        }
        self.clock_complaints = now;
    }

    /// The port that the board has wired to the console.
    pub fn console(&mut self) -> &mut Usart {
        &mut self.devices.usarts[self.wiring.console]
    }

    /// Note changes from now on; with `memory`, those of the memory's wires, too.
    pub(crate) fn start_trace(&mut self, memory: bool) {
        self.trace = Some(Trace::default());
        self.find_frame_lines();
        self.devices.octospi1.note_edges(memory);
    }

    /// No longer.
    pub(crate) fn end_trace(&mut self) {
        self.trace = None;
        self.find_frame_lines();
        self.devices.octospi1.note_edges(false);
    }

    /// The changes since the last call.
    pub(crate) fn take_trace(&mut self) -> Vec<(Time, Change)> {
        let edges = self.devices.octospi1.take_edges();
        let Some(trace) = &mut self.trace else {
            return Vec::new();
        };
        trace.memory(edges);
        trace.take()
    }

    /// The levels on all nets, as changes.
    pub(crate) fn levels_now(&mut self, now: Time) -> Vec<(Time, Change)> {
        let mut levels = Vec::new();
        for pin in package() {
            let level = self.millivolts(pin).map(|_| self.level(pin));
            levels.push((now, Change::Net(pin, level)));
        }
        levels
    }

    /// The level on a pin.
    pub fn level(&self, pin: Pin) -> bool {
        self.devices.gpio[usize::from(pin.port)].level(pin.number)
    }

    /// How often the level on a pin has changed.
    pub fn changes(&self, pin: Pin) -> u32 {
        self.devices.gpio[usize::from(pin.port)].changes(pin.number)
    }
}

/// Where the registers of a pin's port lie.
fn port_base(pin: Pin) -> u32 {
    0x5802_0000 + 0x400 * u32::from(pin.port)
}

fn flash_banks_kb(board: &Board) -> Result<[u32; 2], String> {
    let unknown = || format!("mcu is `{}`, which is not on the die of the STM32H7A3", board.mcu);
    board.flash_banks_kb().ok_or_else(unknown)
}

#[cfg(test)]
mod tests;
