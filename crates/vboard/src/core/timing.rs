//! How long instructions take: one cycle each, or what the model of the Cortex-M7 says (`m7time`).

use super::cpu::Run;
use chipmodel::core::mpu::Access;
use m7time::Timer;
use m7time::memory::Memories;

/// The model that a run's cycles come from. Every figure names it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Model {
    /// One instruction is one cycle, plus what memories and buses make it wait.
    #[default]
    Instructions,
    /// The pipeline, branches and the instruction cache; internal data memory answers at once.
    Fast,
    /// The same, with the data cache for internal memory and the flash.
    Full,
}

impl Model {
    /// All of them, with the names that people use.
    pub const KNOWN: [(&str, Model); 3] = [
        ("instructions", Model::Instructions),
        ("fast", Model::Fast),
        ("full", Model::Full),
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        let known = Self::KNOWN.iter().find(|(_, model)| *model == self);
        known.map_or("", |(name, _)| name)
    }
}

/// An exception's entry or return, its stack in tightly coupled memory: Arm gives 12 as typical, 14 as the worst.
const EXCEPTION_CYCLES: u64 = 12;

/// The settings of the chip that decide about time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// FLASH_ACR.LATENCY
    pub flash_wait_states: u32,
    /// SCB_CCR.IC
    pub icache_on: bool,
    /// SCB_CCR.DC
    pub dcache_on: bool,
}

/// The model at work.
#[derive(Clone)]
pub struct Timing {
    model: Model,
    /// None: one instruction is one cycle.
    timer: Option<Box<Timer>>,
}

impl Timing {
    /// At power-up.
    pub fn new(model: Model) -> Timing {
        let memories = Memories { flash_wait_states: 0 };
        Timing {
            model,
            timer: (model != Model::Instructions).then(|| Box::new(Timer::new(memories))),
        }
    }

    /// Which one it is.
    pub fn model(&self) -> Model {
        self.model
    }

    /// Must blocks come with what they cost?
    #[inline]
    pub fn wants_costs(&self) -> bool {
        self.timer.is_some()
    }

    /// Must loads and stores of internal memory be told?
    pub fn wants_accesses(&self) -> bool {
        self.model == Model::Full
    }

    /// The chip's settings may have changed.
    pub fn set(&mut self, settings: Settings) {
        if let Some(timer) = &mut self.timer {
            timer.memories.flash_wait_states = settings.flash_wait_states;
            (timer.icache_on, timer.dcache_on) = (settings.icache_on, settings.dcache_on);
        }
    }

    /// The cycles of a block that is about to be executed.
    #[inline]
    pub fn block(&mut self, pc: u32, run: &Run) -> u64 {
        match (&mut self.timer, &run.cost) {
            (Some(timer), Some(cost)) => {
                let before = timer.cycles();
                timer.block(pc, run.bytes, cost);
                timer.cycles() - before
            }
            _ => u64::from(run.instructions),
        }
    }

    /// The cycles that an access of internal memory or of a register takes beyond those of its instruction.
    pub fn access(&mut self, address: u32, bytes: u32, access: Access, cached: bool) -> u64 {
        let Some(timer) = &mut self.timer else {
            return 0;
        };
        let before = timer.cycles();
        match access {
            Access::Write => timer.store(address, cached),
            _ => timer.load(address, bytes, cached),
        }
        timer.cycles() - before
    }

    /// The cycles of an exception's entry or return.
    pub fn exception(&mut self) -> u64 {
        self.timer.as_mut().map_or(0, |timer| {
            timer.interrupt();
            EXCEPTION_CYCLES
        })
    }

    /// The instruction cache was invalidated.
    pub fn forget_code(&mut self) {
        if let Some(timer) = &mut self.timer {
            timer.forget_code();
        }
    }
}
