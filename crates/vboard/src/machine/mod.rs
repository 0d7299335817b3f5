//! The machine as the host sees it: load an ELF, let it run, talk to its console, look at what it did.

pub(crate) mod awaited;
mod breaking;
mod bus;
mod console;
mod debugging;
pub mod display;
pub(crate) mod event;
pub(crate) mod image;
pub(crate) mod memory;
mod pending;
mod probing;
mod reach;
mod recorder;
mod recording;
mod schedule;
mod start;
pub(crate) mod stats;
pub mod storage;
pub(crate) mod system;
pub(crate) mod watch;

use crate::board::breakage::Breakage;
use crate::board::parts::Attachment;
use crate::board::{Board, Pin};
use crate::chip::{Chip, Erratum};
use crate::core::cpu::state::CoreState;
use crate::core::cpu::unicorn::UnicornCpu;
use crate::core::cpu::{Cpu, Exit, Halt, Memory, Reg};
use crate::core::timing::{Model, Timing};
use crate::core::{exception, fault};
use crate::ends::{AttachError, End, Ends};
use crate::machine::memory::{FLASH, MEMORIES};
use crate::machine::system::{Sleep, System};
use crate::machine::watch::Watch;
use crate::probe::Probe;
use chipmodel::bus::pad::{Drive, SUPPLY_MV};
use chipmodel::core::mpu::Access;
use chipmodel::core::nvic::number;
use chipmodel::onchip::flash::SECTOR_BYTES;
use chipmodel::onchip::rcc::ResetCause;
use chipmodel::onchip::rom;
use chipmodel::{Kind, Time};
use event::{Event, Strictness};
use image::{Image, ImageError};
use recorder::Recorder;
use stats::{BusStats, CacheStats, PsramStats, Stats, Watched};

/// What to build the machine from.
#[derive(Clone, Debug)]
pub struct Config {
    /// The board's wiring.
    pub board: Board,
    /// What is soldered where the memory chip goes.
    pub memory_chip: chipmodel::parts::fitted::Fitted,
    /// End a run at the first event, or only collect them.
    pub strictness: Strictness,
    /// Chooses the content of RAM at power-up, which is never zero on silicon.
    pub seed: u64,
}

/// Why a machine could not be built.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The ELF is not for this chip, or damaged.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// The board has its console where no model is, or on pins that do not lead there.
    #[error("board {board}: {reason}")]
    Board {
        /// Its name for people.
        board: String,
        /// What is wrong.
        reason: String,
    },
    /// The processor model did not start.
    #[error("processor model: {0}")]
    Processor(String),
}

/// How far to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Until {
    /// Stop when virtual time has come here.
    pub time: Time,
    /// Stop as soon as the console has sent something.
    pub output: bool,
    /// Stop when the processor goes to sleep, instead of letting time jump to its next wake-up.
    pub idle: bool,
}

impl Until {
    /// Until a time, jumping over sleep.
    pub fn time(time: Time) -> Self {
        Until {
            time,
            output: false,
            idle: false,
        }
    }
}

/// Why a run ended. All but [`Stop::Events`], [`Stop::PowerFailed`] and [`Stop::Lockup`] can be continued with another `run`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The time that was asked for has come.
    Limit,
    /// The console has sent something.
    Output,
    /// The processor sleeps, and `until` is when a device next does something; never, if `None`.
    Idle {
        /// The next moment at which a device changes by itself.
        until: Option<Time>,
    },
    /// A debugger wanted it.
    Halted(Halt),
    /// The program ended the run: by `BKPT #n`, or as semihosting has it. There is a debug probe.
    Exit(u8),
    /// The host wants it to end (`ends::serial::Stoppable`); the machine itself never says so.
    Asked,
    /// The firmware asked for a reset, or its watchdog bit, and the machine has been reset.
    Reset,
    /// Strict, and there is at least one event.
    Events,
    /// The power failed where [`Machine::fail_power_at`] said.
    PowerFailed,
    /// A fault inside the HardFault or NMI handler: the processor is stuck, as it would be on silicon.
    Lockup,
}

/// The machine.
pub struct Machine {
    cpu: UnicornCpu<System>,
    sys: System,
    image: Image,
    /// The level of the BOOT0 pin.
    boot0: bool,
    /// What will break, and when, the next one last.
    to_break: Vec<(Time, Breakage)>,
    recorder: Option<Recorder>,
}

/// A machine at one moment. It fits every machine that was built from the same ELF.
#[derive(Clone)]
pub struct Snapshot {
    core: CoreState,
    sys: System,
    memories: Vec<(u32, Vec<u8>)>,
}

impl Machine {
    /// Build a machine and switch its power on.
    pub fn new(config: Config, elf: &[u8]) -> Result<Self, StartError> {
        Self::with(config, Image::parse(elf)?)
    }

    /// The same with a program that was read before.
    pub fn with(config: Config, image: Image) -> Result<Self, StartError> {
        let cpu = UnicornCpu::new(&image.flash).map_err(StartError::Processor)?;
        let ends = Ends::new(&config.board);
        let chip = Chip::new(&config.board, config.memory_chip, config.seed);
        let chip = chip.and_then(|chip| image.fits(|offset| chip.devices.flash.has(offset)).map(|()| chip));
        let chip = chip.map_err(|reason| StartError::Board {
            board: config.board.name,
            reason,
        })?;
        let mut sys = System::new(chip, ends, config.strictness, image.vectors);
        // The core has these bytes already.
        sys.chip.devices.flash.array_mut().load(0, &image.flash);
        sys.chip.devices.flash.take_changed();
        let mut machine = Machine {
            cpu,
            sys,
            image,
            boot0: false,
            to_break: Vec::new(),
            recorder: None,
        };
        machine.power_up_memories(config.seed);
        for (address, bytes) in &machine.image.ram {
            machine.cpu.poke(*address, bytes);
        }
        machine.start();
        Ok(machine)
    }

    /// Run until there is a reason to stop. Virtual time only: the wall clock is the caller's matter.
    pub fn run(&mut self, until: Until) -> Stop {
        let stop = self.run_and_break(until);
        self.write_recording();
        stop
    }

    fn run_and_break(&mut self, until: Until) -> Stop {
        loop {
            self.break_what_is_due();
            let next = self.to_break.last().map(|(time, _)| *time);
            let Some(time) = next.filter(|time| *time <= until.time) else {
                return self.run_unbroken(until);
            };
            match self.run_unbroken(Until { time, ..until }) {
                Stop::Limit => {}
                stop => return stop,
            }
        }
    }

    /// As [`Machine::run`], while nothing breaks.
    fn run_unbroken(&mut self, until: Until) -> Stop {
        loop {
            self.sys.settle();
            self.show_flash();
            self.sys.run_masters(&mut self.cpu);
            self.sys.trace_core();
            self.poll_probe_if_due();
            // The clock may have changed its speed since the last turn.
            let limit = self.sys.clock.cycle_at(until.time);
            if let Some(stop) = self.reason_to_stop(until, limit) {
                self.poll_probe();
                return stop;
            }
            if self.sys.pending.rights {
                self.sys.pending.rights = false;
                self.cpu.flush_rights();
            }
            if core::mem::take(&mut self.sys.pending.code) {
                self.sys.timing.forget_code();
                self.cpu.forget_code();
            }
            if self.sys.pending.imprecise_fault {
                fault::imprecise(&self.cpu, &mut self.sys);
            }
            if self.wake() {
                if let Some(n) = self.sys.nvic.to_take(self.cpu.masks()) {
                    exception::enter(&mut self.cpu, &mut self.sys, n);
                }
            } else if let Some(stop) = self.sleep(until, limit) {
                return stop;
            } else {
                continue;
            }
            self.sys.set_limit(until.time, until.output);
            if self.wait_for_flash(limit) {
                continue;
            }
            match self.cpu.run(&mut self.sys) {
                Exit::Halted(halt) => {
                    self.poll_probe();
                    return Stop::Halted(halt);
                }
                exit => self.follow(exit),
            }
        }
    }

    fn reason_to_stop(&mut self, until: Until, limit: u64) -> Option<Stop> {
        let sys = &mut self.sys;
        if sys.chip.power_failed() {
            Some(Stop::PowerFailed)
        } else if sys.must_stop() {
            Some(if sys.locked_up { Stop::Lockup } else { Stop::Events })
        } else if sys.locked_up {
            Some(Stop::Lockup)
        } else if let Some(code) = sys.exit.take() {
            Some(Stop::Exit(code))
        } else if sys.pending.reset {
            self.reset_by(ResetCause::Software);
            Some(Stop::Reset)
        } else if sys.sleeping == Sleep::Standby && sys.chip.ends_standby() {
            self.reset_by(ResetCause::Standby);
            Some(Stop::Reset)
        } else if let Some(cause) = sys.chip.wants_reset(sys.now()) {
            self.reset_by(cause);
            Some(Stop::Reset)
        } else if until.output && sys.ends.has_output() {
            Some(Stop::Output)
        } else if sys.clock.cycles >= limit {
            Some(Stop::Limit)
        } else {
            None
        }
    }

    /// What the core reads directly becomes what the flash's model has.
    fn show_flash(&mut self) {
        let flash = &mut self.sys.chip.devices.flash;
        for index in flash.take_changed() {
            let sector = flash.array().sector(index);
            let shown = self.cpu.poke(FLASH.base + (index * sector.len()) as u32, sector);
            debug_assert!(shown);
        }
    }

    /// Code in a bank that is busy waits for it.
    fn wait_for_flash(&mut self, limit: u64) -> bool {
        let pc = self.cpu.get(Reg::Pc);
        let Some(end) = self.sys.chip.devices.flash.busy_until(pc) else {
            return false;
        };
        let cycle = self.sys.clock.cycle_at(end);
        self.sys.jump(cycle.min(limit));
        true
    }

    /// Is the processor awake, or does something wake it now?
    fn wake(&mut self) -> bool {
        let sys = &mut self.sys;
        let woken = match sys.sleeping {
            Sleep::Awake => return true,
            Sleep::ForInterrupt | Sleep::Stopped => sys.nvic.wakes(self.cpu.masks()),
            // By a reset alone.
            Sleep::Standby => false,
            // By what the host tells the boot loader.
            Sleep::InRom => return self.wake_from_rom(),
            Sleep::ForHost => sys.probe.as_ref().is_some_and(Probe::has_input),
            Sleep::ForEvent => {
                sys.nvic.to_take(self.cpu.masks()).is_some() || core::mem::take(&mut sys.event)
            }
        };
        if woken {
            if sys.sleeping == Sleep::Stopped {
                sys.with_chip(|chip, fx| chip.wake_up(fx));
                sys.after_change();
            }
            sys.sleeping = Sleep::Awake;
            sys.trace_core();
        }
        woken
    }

    /// Nothing to do now: jump to the next moment at which something happens, or leave that to the caller.
    fn sleep(&mut self, until: Until, limit: u64) -> Option<Stop> {
        let next = self.sys.next_wake();
        match next {
            None => Some(Stop::Idle { until: None }),
            Some(cycle) if until.idle => Some(Stop::Idle {
                until: Some(self.sys.clock.time_at(cycle)),
            }),
            Some(cycle) => {
                self.sys.jump(cycle.min(limit));
                None
            }
        }
    }

    /// Let time pass while the processor sleeps, at most up to `time`; less if a device does something before. For
    /// callers of [`Stop::Idle`] that have waited in wall time.
    pub fn pass(&mut self, time: Time) {
        if self.sys.sleeping != Sleep::Awake {
            let cycle = self.sys.clock.cycle_at(time);
            let next = self.sys.next_wake().unwrap_or(u64::MAX);
            self.sys.jump(cycle.min(next));
        }
    }

    /// What the core came back for.
    fn follow(&mut self, exit: Exit) {
        let sys = &mut self.sys;
        match exit {
            Exit::Asked => {}
            Exit::Wfi if sys.scb.sleeps_deep() && !sys.nvic.wakes(self.cpu.masks()) => {
                let standby = sys.with_chip(|chip, fx| chip.fall_asleep(fx));
                sys.sleeping = if standby { Sleep::Standby } else { Sleep::Stopped };
                sys.after_change();
            }
            Exit::Wfi => sys.sleeping = Sleep::ForInterrupt,
            // The event register is cleared by the WFE that it lets pass.
            Exit::Wfe if core::mem::take(&mut sys.event) => {}
            Exit::Wfe => sys.sleeping = Sleep::ForEvent,
            Exit::ExceptionReturn(value) => exception::leave(&mut self.cpu, sys, value),
            Exit::Svc => {
                let execution = sys.nvic.execution_priority(self.cpu.masks());
                if sys.nvic.group_priority(number::SVCALL) < execution {
                    sys.nvic.pend(number::SVCALL, true);
                } else {
                    fault::svc_not_possible(&self.cpu, sys);
                }
            }
            Exit::BusError {
                access: Access::Execute,
                address,
            } if address & !1 == rom::ENTRY => self.enter_rom(),
            // In a strict run the event of a refused access says more than the fault that follows from it.
            Exit::BusError { .. } if sys.must_stop() => sys.log.locate_last(self.cpu.get(Reg::Pc)),
            Exit::Breakpoint if sys.probe.is_some() => self.at_breakpoint(),
            Exit::Broken(why) => {
                sys.report(Kind::Unmodelled, self.cpu.get(Reg::Pc), None, why.into());
                sys.locked_up = true;
            }
            other => {
                fault::from_exit(&self.cpu, sys, other);
            }
        }
    }

    /// The moment now.
    pub fn now(&self) -> Time {
        self.sys.now()
    }

    /// Whether no event but warnings was reported.
    pub fn is_clean(&self) -> bool {
        self.sys.log.is_clean()
    }

    /// Everything that was reported, with the names of the places.
    pub fn events(&self) -> Vec<Event> {
        let mut events = self.sys.log.all().to_vec();
        for event in &mut events {
            event.symbol = self.image.place(event.pc);
        }
        events
    }

    /// Figures of the run.
    pub fn stats(&self) -> Stats {
        let sys = &self.sys;
        Stats {
            model: sys.timing.model().name().to_owned(),
            virtual_cycles: sys.clock.cycles,
            virtual_time_ps: sys.now().0,
            instructions: sys.clock.instructions,
            output_sha256: sys.ends.tape.sha256(),
            psram: PsramStats::of(&sys.chip.devices.octospi1),
            cache: CacheStats::of(&sys.data.dcache),
            bus: BusStats::of(&sys.chip.devices.octospi1),
            watched: sys.watches.iter().map(Watched::from).collect(),
            events: self.events(),
            events_dropped: sys.log.dropped(),
        }
    }

    /// From now on note each call of the function that the linker calls `symbol`. False: there is none.
    pub fn watch(&mut self, symbol: &str) -> bool {
        let value = self.image.symbol(symbol);
        self.sys
            .watches
            .extend(value.map(|value| Watch::new(symbol, value)));
        value.is_some()
    }

    /// Which model the cycles come from. To be chosen before the first run.
    pub fn set_model(&mut self, model: Model) {
        self.sys.timing = Timing::new(model);
        self.sys.plan();
    }

    /// The chip and the board around it, to look at lamps, and to look into devices.
    pub fn chip(&mut self) -> &mut Chip {
        &mut self.sys.chip
    }

    /// Attach an end to a socket of the board, in the place of what is there, or take it away.
    ///
    /// # Errors
    /// If the board has no socket of this name, or if the socket takes another kind of end.
    pub fn attach(&mut self, socket: &str, end: Option<End>) -> Result<(), AttachError> {
        let attached = self.sys.ends.attach(socket, end);
        self.sys.ends.plug(&mut self.sys.chip);
        self.sys.settle();
        attached
    }

    /// Solder a part to nets of the board: an EEPROM to the pins of a bus.
    pub fn attach_part(&mut self, asked: &Attachment) {
        self.sys.with_chip(|chip, fx| chip.attach(asked, fx));
        self.sys.settle();
    }

    /// Plug a camera module, by its name, into the board's connector, or pull out what is there.
    ///
    /// # Errors
    /// If there is no such module, with those that there are, or no such connector.
    pub fn plug_camera(&mut self, name: Option<&str>) -> Result<(), String> {
        let plugged = match name {
            None => {
                self.sys.with_chip(|chip, fx| chip.unplug_camera(fx));
                true
            }
            Some(name) => {
                let module = crate::board::parts::camera(name)?;
                self.sys.with_chip(|chip, fx| chip.plug_camera(module, fx))
            }
        };
        self.sys.settle();
        plugged
            .then_some(())
            .ok_or_else(|| "the board has no camera connector".to_owned())
    }

    /// Hold a level to a pin from outside, or let go of it.
    pub fn drive(&mut self, pin: Pin, high: Option<bool>) {
        self.probe(
            pin,
            high.map(|high| Drive::source(if high { SUPPLY_MV } else { 0 })),
        );
    }

    /// Hold a voltage to the net of a pin from outside, or let go of it.
    pub fn probe(&mut self, pin: Pin, drive: Option<Drive>) {
        self.sys.with_chip(|chip, fx| {
            chip.nets.probe(pin, drive);
            chip.find_frame_lines();
            chip.settle_pin(pin, fx);
        });
        self.sys.settle();
    }

    /// From now on the silicon has this fault, also after a reset.
    pub fn apply_erratum(&mut self, erratum: Erratum) {
        self.sys.data.apply_erratum(erratum);
        self.sys.chip.apply_erratum(erratum);
    }

    /// Keep this moment.
    pub fn snapshot(&self) -> Snapshot {
        let memories = MEMORIES.iter().filter(|m| m.writable).map(|m| {
            let mut bytes = vec![0; m.bytes as usize];
            self.cpu.peek(m.base, &mut bytes);
            (m.base, bytes)
        });
        Snapshot {
            core: CoreState::of(&self.cpu),
            sys: self.sys.clone(),
            memories: memories.collect(),
        }
    }

    /// Go back, or over from another machine with the same ELF.
    pub fn restore(&mut self, snapshot: &Snapshot) {
        for (base, bytes) in &snapshot.memories {
            self.cpu.poke(*base, bytes);
        }
        self.show_flash();
        let array = snapshot.sys.chip.devices.flash.array();
        for index in self.sys.chip.devices.flash.array().differing(array) {
            self.cpu
                .poke(FLASH.base + (index * SECTOR_BYTES) as u32, array.sector(index));
        }
        self.sys = snapshot.sys.clone();
        snapshot.core.put(&mut self.cpu);
        self.cpu.flush_rights();
    }

    /// The value of a symbol of the ELF.
    pub fn symbol(&self, name: &str) -> Option<u32> {
        self.image.symbol(name)
    }

    /// The function at an address, `module::function+0x12`.
    pub fn place(&self, address: u32) -> Option<String> {
        self.image.place(address)
    }

    /// A register of the core.
    pub fn register(&self, reg: Reg) -> u32 {
        self.cpu.get(reg)
    }

    /// Write into an internal memory, past the processor, as a debugger would. False: not all of it is one that can be
    /// written.
    pub fn write_memory(&mut self, address: u32, bytes: &[u8]) -> bool {
        let end = u64::from(address) + bytes.len() as u64;
        let writable = MEMORIES
            .iter()
            .any(|m| m.writable && m.base <= address && end <= u64::from(m.base) + u64::from(m.bytes));
        writable && self.cpu.poke(address, bytes)
    }

    /// Copy from an internal memory. False: not all of it is one.
    pub fn read_memory(&self, address: u32, bytes: &mut [u8]) -> bool {
        self.cpu.peek(address, bytes)
    }
}
