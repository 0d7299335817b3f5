//! What a debugger stops the core for, and where it stands.

use super::super::Watchpoint;
use std::collections::BTreeMap;
use unicorn_engine::UcHookId;

/// What is stopped for.
#[derive(Default)]
pub struct Halts {
    /// The hook of each.
    pub breakpoints: BTreeMap<u32, UcHookId>,
    /// The hooks of each.
    pub watchpoints: Vec<(Watchpoint, Vec<UcHookId>)>,
    /// The hook that sees every instruction.
    pub every: Option<UcHookId>,
    /// A single step.
    pub step: Step,
    /// An access that was watched for; its instruction is not over.
    pub hit: Option<Watchpoint>,
    /// Where the core stands because of all this: a breakpoint there is passed.
    pub halted_at: Option<u32>,
    /// Where a block goes on that is paid for.
    pub paid: Option<u32>,
    /// Where the present block begins.
    pub block: u32,
}

/// How far a single step has come.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub enum Step {
    #[default]
    /// There is none.
    No,
    /// One instruction may begin.
    Begin,
    /// It has begun.
    Over,
}

impl Halts {
    /// A block begins. Is it the rest of one that is paid for?
    pub fn is_paid(&mut self, pc: u32) -> bool {
        self.block = pc;
        self.paid.is_some() && self.paid.take() == Some(pc)
    }

    /// The core does not stand where it was stopped any more.
    pub fn moved(&mut self) {
        (self.halted_at, self.paid) = (None, None);
    }

    /// Stop behind the next instruction.
    pub fn step(&mut self) {
        self.step = Step::Begin;
    }

    /// Must every instruction be seen?
    pub fn needs_every(&self) -> bool {
        self.step != Step::No || !self.watchpoints.is_empty()
    }
}
