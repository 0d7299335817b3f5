//! What the hooks and the engine share.

use super::super::Exit;
use super::super::blocks::{Costs, Counts};
use super::halts::Halts;
use core::ptr::NonNull;
use std::collections::BTreeSet;
use unicorn_engine::{UcHookId, Unicorn};

/// What the hooks share: lives inside the engine.
pub struct Shared<B> {
    /// The machine, lent for the time of a run.
    pub bus: Option<NonNull<B>>,
    /// Why the run ends, if a hook knows.
    pub exit: Option<Exit>,
    /// The hook that looks at alignment, while there is one.
    pub alignment_watch: Option<UcHookId>,
    /// Pages of RAM that code ran in.
    pub code_pages: BTreeSet<u32>,
    /// Pages of flash that code ran in.
    pub flash_pages: BTreeSet<u32>,
    /// Places whose instruction is watched.
    pub hints: BTreeSet<u64>,
    /// Known blocks.
    pub counts: Counts,
    /// What they cost, if the machine wants to know.
    pub costs: Costs,
    /// What a debugger wants.
    pub debug: Halts,
    /// Accesses of memory are told.
    pub watches_accesses: bool,
    /// The memories, in the order of [`MEMORIES`](crate::machine::memory::MEMORIES).
    pub memories: Vec<NonNull<u8>>,
}

impl<B> Shared<B> {
    /// The machine.
    pub fn bus(&mut self) -> &mut B {
        let mut bus = self.bus.expect("hooks run only inside `run`");
        // SAFETY: `run` holds the only reference for as long as it is set, and hooks do not nest.
        unsafe { bus.as_mut() }
    }
}

impl<B> Shared<B> {
    /// Before the first run.
    pub fn new(memories: Vec<NonNull<u8>>) -> Self {
        Shared {
            bus: None,
            exit: None,
            alignment_watch: None,
            code_pages: BTreeSet::new(),
            flash_pages: BTreeSet::new(),
            hints: BTreeSet::new(),
            counts: Counts::new(),
            costs: Costs::new(),
            debug: Halts::default(),
            watches_accesses: false,
            memories,
        }
    }
}

/// The engine with its hooks.
pub type Engine<B> = Unicorn<'static, Shared<B>>;
