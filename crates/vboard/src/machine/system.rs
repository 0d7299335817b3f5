//! Everything around the core: its state, its time, and when the core has to stop.

use crate::chip::Chip;
use crate::chip::clock::Clock;
use crate::chip::masters::Caches;
use crate::core::cpu::Memory;
use crate::core::data::{self, DataSide};
use crate::core::timing::{Model, Settings, Timing};
use crate::ends::Ends;
use crate::machine::awaited::Awaited;
use crate::machine::event::{Log, Strictness};
use crate::machine::memory::is_cached_ram;
use crate::machine::pending::Pending;
use crate::machine::schedule::Schedule;
use crate::machine::watch::Watch;
use crate::probe::Probe;
use chipmodel::core::coherency::Coherency;
use chipmodel::core::dcache::Op;
use chipmodel::core::dwt::Dwt;
use chipmodel::core::mpu::{Attributes, Mpu};
use chipmodel::core::nvic::{IRQS, Nvic, number};
use chipmodel::core::scb::Scb;
use chipmodel::core::systick::SysTick;
use chipmodel::onchip::octospi::Octospi;
use chipmodel::onchip::rcc::ResetCause;
use chipmodel::{Clocks, Effects, Kernel, Kind, Report, Time};

/// Pages whose memory attributes are remembered.
pub(crate) const ATTRIBUTES: usize = 64;

/// Does the processor sleep, and what wakes it?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sleep {
    /// It runs.
    Awake,
    /// WFI, or the end of a handler with SLEEPONEXIT.
    ForInterrupt,
    /// WFE.
    ForEvent,
    /// Stopped by a debug probe until the host has something for the program.
    ForHost,
    /// WFI with SLEEPDEEP: the clocks stand still.
    Stopped,
    /// The same without supply for the core: it ends in a reset.
    Standby,
    /// ST's boot loader runs, whose model needs no core (`chipmodel::onchip::rom`).
    InRom,
}

/// The machine without its core. Cloning it is what a snapshot does.
#[derive(Clone)]
pub struct System {
    /// Virtual time.
    pub clock: Clock,
    /// Exceptions.
    pub nvic: Nvic,
    /// System control block.
    pub scb: Scb,
    /// Memory protection.
    pub mpu: Mpu,
    /// System tick.
    pub systick: SysTick,
    /// Cycle counter.
    pub dwt: Dwt,
    /// How long instructions take.
    pub timing: Timing,
    /// D-cache and store buffer.
    pub data: DataSide,
    /// What the D-cache may hold of internal memory.
    pub coherency: Coherency,
    /// Devices on the chip, and the board around it.
    pub chip: Chip,
    /// What went wrong.
    pub log: Log,
    /// Functions whose calls are timed.
    pub watches: Vec<Watch>,
    /// Exception that runs now, 0 in thread mode.
    pub current: u8,
    /// The event register of WFE.
    pub event: bool,
    /// What has to be done before the core goes on.
    pub pending: Pending,
    /// A denied store that the program may do again.
    pub awaited: Option<Awaited>,
    /// The processor waits for an interrupt or event.
    pub sleeping: Sleep,
    /// A fault where none can be taken.
    pub locked_up: bool,
    /// The program has ended the run with this code.
    pub exit: Option<u8>,
    /// What the board's sockets are connected to.
    pub ends: Ends,
    /// Where the vector table is after a reset.
    boot: u32,
    /// A debug probe on the chip's SWD pins, if there is one.
    pub probe: Option<Probe>,
    pub(crate) strictness: Strictness,
    pub(crate) clocks: Clocks,
    pub(crate) lines: [u32; 5],
    pub(crate) pc: u32,
    pub(crate) schedule: Schedule,
    pub(crate) reports: Vec<Report>,
    pub(crate) attributes: [Option<(u32, Attributes)>; ATTRIBUTES],
}

impl System {
    /// The state at power-up.
    pub fn new(chip: Chip, ends: Ends, strictness: Strictness, boot: u32) -> Self {
        let clocks = chip.clocks();
        let mut system = System {
            clock: Clock::new(clocks.hz(Kernel::Cpu)),
            nvic: Nvic::default(),
            scb: Scb::default(),
            mpu: Mpu::default(),
            systick: SysTick::default(),
            dwt: Dwt::default(),
            timing: Timing::new(Model::default()),
            data: DataSide::default(),
            coherency: Coherency::default(),
            chip,
            log: Log::new(strictness),
            watches: Vec::new(),
            current: 0,
            event: false,
            pending: Pending::default(),
            awaited: None,
            sleeping: Sleep::Awake,
            locked_up: false,
            exit: None,
            ends,
            boot,
            probe: None,
            strictness,
            clocks,
            lines: [0; 5],
            pc: 0,
            schedule: Schedule::new(),
            reports: Vec::new(),
            attributes: [None; ATTRIBUTES],
        };
        system.reset_core();
        system
    }

    /// System reset. Time, events and the memory chip's content go on.
    pub fn reset(&mut self, cause: ResetCause) {
        self.give_up();
        self.with_chip(|chip, fx| chip.system_reset(cause, fx));
        self.reset_core();
        self.settle();
    }

    fn reset_core(&mut self) {
        (self.nvic, self.mpu, self.systick) = Default::default();
        self.timing = Timing::new(self.timing.model());
        self.data.reset();
        self.coherency.reset();
        self.dwt = Dwt::default();
        // The option bytes' boot address: flash, as delivered; for a program in RAM what a probe does to start it.
        self.scb = Scb::default();
        self.scb.vtor = self.boot;
        self.scb.debugged = self.probe.is_some();
        (self.current, self.event) = (0, false);
        (self.pending.reset, self.pending.imprecise_fault) = (false, false);
        (self.sleeping, self.locked_up) = (Sleep::Awake, false);
        (self.attributes, self.lines) = ([None; ATTRIBUTES], [0; 5]);
        self.pending.rights = true;
        self.watches.iter_mut().for_each(Watch::reset);
    }

    /// The moment now.
    pub fn now(&self) -> Time {
        self.clock.now()
    }

    /// Must the run end because of an event?
    pub fn must_stop(&self) -> bool {
        self.strictness != Strictness::Lenient && self.log.is_serious()
    }

    /// Add an event of the machine's own.
    pub fn report(&mut self, kind: Kind, pc: u32, address: Option<u32>, message: String) {
        self.log.add(
            Report {
                kind,
                address,
                message,
            },
            pc,
            self.now(),
        );
        self.stop_soon();
    }

    /// Exception `exception` has returned to `pc`.
    pub fn returned(&mut self, exception: u8, pc: u32) {
        match &self.awaited {
            Some(awaited) if (awaited.exception, awaited.pc) == (exception, pc) => self.awaited = None,
            Some(awaited) if awaited.exception == exception => self.give_up(),
            _ => {}
        }
    }

    /// A denied store was not done again.
    pub fn give_up(&mut self) {
        if let Some(Awaited { pc, report, .. }) = self.awaited.take() {
            self.report(report.kind, pc, report.address, report.message);
        }
    }

    /// Make the core stop before its next block.
    pub fn stop_soon(&mut self) {
        self.schedule.deadline = 0;
    }

    /// Run no further than this, or the next byte on the console.
    pub fn set_limit(&mut self, time: Time, stop_on_output: bool) {
        self.schedule.set_limit(time, stop_on_output, &self.clock);
        self.plan();
    }

    /// The next moment at which a device changes by itself.
    pub fn next_wake(&self) -> Option<u64> {
        [self.schedule.device(), self.systick.next_event()]
            .into_iter()
            .flatten()
            .min()
    }

    /// Let devices catch up with the present.
    pub fn settle(&mut self) {
        let now = self.now();
        if self.awaited.as_ref().is_some_and(|awaited| awaited.until <= now) {
            self.give_up();
        }
        if self.systick.advance(self.clock.cycles) {
            self.nvic.pend(number::SYS_TICK, true);
        }
        self.with_chip(|chip, fx| chip.advance(fx));
        self.chip.let_rom_work(self.clock.now());
        let mut fx = Effects::new(self.clock.now(), self.clocks, &mut self.reports);
        self.ends.act(&mut self.chip, &mut fx);
        self.after_change();
        self.coherency.expire(self.clock.now());
        self.refollow();
    }

    /// Do something with the chip; the core waits as long as it says.
    pub(crate) fn with_chip<T>(&mut self, action: impl FnOnce(&mut Chip, &mut Effects) -> T) -> T {
        let mut fx = Effects::new(self.clock.now(), self.clocks, &mut self.reports);
        let result = action(&mut self.chip, &mut fx);
        let stall = fx.stall;
        self.clock.stall(stall);
        result
    }

    /// Do something with the data side, which reaches the window by way of OCTOSPI1.
    #[inline]
    pub(crate) fn with_data<T>(
        &mut self,
        action: impl FnOnce(&mut DataSide, &mut Octospi, &mut Effects) -> T,
    ) -> T {
        let mut fx = Effects::new(self.clock.now(), self.clocks, &mut self.reports);
        let result = action(&mut self.data, &mut self.chip.devices.octospi1, &mut fx);
        let stall = fx.stall;
        self.clock.stall(stall);
        if self.data.take_write_failed() {
            self.pending.imprecise_fault = true;
            self.schedule.deadline = 0;
        }
        if !self.reports.is_empty() {
            self.collect();
        }
        result
    }

    /// Let the other bus masters do what is due. The core does not wait for them.
    pub fn run_masters(&mut self, memory: &mut impl Memory) {
        let mut fx = Effects::new(self.clock.now(), self.clocks, &mut self.reports);
        let mut caches = Caches {
            coherency: &mut self.coherency,
            mpu: &self.mpu,
            is_on: self.scb.dcache_on(),
        };
        if self.chip.run_masters(memory, &mut caches, &mut fx) {
            self.after_change();
            self.refollow();
        }
    }

    /// Cache maintenance by the core.
    pub(crate) fn maintain(&mut self, op: Op) {
        self.with_data(|data, port, fx| data.maintain(op, port, fx));
        let is_on = self.scb.dcache_on();
        let now = self.clock.now();
        let mpu = &self.mpu;
        self.coherency.maintain(op, now, |at| {
            is_on && is_cached_ram(at) && data::cached(mpu.attributes(at)).is_some()
        });
        self.refollow();
    }

    /// The core must ask again which pages are followed.
    fn refollow(&mut self) {
        if self.coherency.take_changed() {
            self.forget_rights();
        }
    }

    /// After a device may have changed: clocks, interrupt lines, console, next wake-up.
    pub(crate) fn after_change(&mut self) {
        self.chip.look_at_window();
        if self.chip.devices.flash.take_access_changed() {
            self.forget_rights();
        }
        self.clocks = self.chip.clocks();
        if self.clock.set_hz(self.clocks.hz(Kernel::Cpu)) {
            self.schedule.clock_changed(&self.clock);
        }
        let lines = self.chip.irq_lines();
        if lines != self.lines {
            for (word, (&new, &old)) in lines.iter().zip(&self.lines).enumerate() {
                for bit in (0..32).filter(|b| (new ^ old) >> b & 1 != 0) {
                    let irq = 32 * word as u16 + bit;
                    if irq < IRQS {
                        self.nvic.set_line(irq, new >> bit & 1 != 0);
                    }
                }
            }
            self.lines = lines;
        }
        let mut fx = Effects::new(self.clock.now(), self.clocks, &mut self.reports);
        self.ends.exchange(&mut self.chip, &mut fx);
        self.collect();
        self.plan();
    }

    /// Turn reports into events.
    pub(crate) fn collect(&mut self) {
        if !self.reports.is_empty() {
            let now = self.clock.now();
            for report in self.reports.drain(..) {
                self.log.add(report, self.pc, now);
            }
            self.schedule.deadline = 0;
        }
    }

    /// Set the deadline from everything that is known.
    pub(crate) fn plan(&mut self) {
        self.timing.set(Settings {
            flash_wait_states: self.chip.devices.flash.latency(),
            icache_on: self.scb.icache_on(),
            dcache_on: self.scb.dcache_on(),
        });
        let next = [self.chip.next_event(), self.ends.next_event()];
        self.schedule
            .set_device(next.into_iter().flatten().min(), &self.clock);
        let at_once = self.must_stop() || self.chip.power_failed() || self.pending.any();
        let tick = self.systick.next_event().unwrap_or(u64::MAX);
        let probe = self.probe.as_ref().and_then(Probe::due);
        let probe = probe.map_or(u64::MAX, |time| self.clock.cycle_at(time));
        self.schedule.plan(at_once, self.ends.has_output(), [tick, probe]);
    }

    /// Rights have changed: the core must ask again.
    pub(crate) fn forget_rights(&mut self) {
        (self.pending.rights, self.attributes) = (true, [None; ATTRIBUTES]);
        self.schedule.deadline = 0;
    }

    /// Exception `n` begins or ends: HardFault and NMI may see memory without the MPU.
    pub(crate) fn rights_may_differ(&mut self, n: u8) {
        if matches!(n, number::NMI | number::HARD_FAULT) {
            self.forget_rights();
        }
    }

    /// Note what the core does, while somebody records it.
    pub fn trace_core(&mut self) {
        let now = self.now();
        if let Some(trace) = &mut self.chip.trace {
            trace.core(now, self.current, self.sleeping != Sleep::Awake);
        }
    }

    /// Time passes up to `cycle` while the processor sleeps.
    pub fn jump(&mut self, cycle: u64) {
        self.clock.jump(cycle);
        self.settle();
    }
}
