//! The virtual board: an STM32H7A3 with its memories, devices and memory chip, that runs the firmware's ELF.
//!
//! The processor's instructions are executed by Unicorn; everything around them (exceptions, interrupts, MPU, system
//! registers, memory map, virtual time) is ours. Runs repeat to the instruction.
//! Not modelled: pipeline timing (one instruction is one cycle plus the stalls that devices report; exception entry and
//! return cost nothing), flash wait states, the instruction cache, the data cache for anything but the memory window (of internal
//! memory only who saw what), and
//! DMB as a drain of the store buffer (DSB and exception entry are).

pub mod board;
pub mod chip;
pub mod core;
pub mod ends;
mod machine;

pub use chip::Erratum;
pub use chipmodel::parts::choice::MemoryChip;
pub use chipmodel::{Kind, Picos, Time};
pub use machine::event::{Event, Strictness, name_of};
pub use machine::image::{Image, ImageError};
pub use machine::stats::{BusStats, CacheStats, Call, CommandStats, PsramStats, Span, Stats, Watched};
pub use machine::{Config, Machine, Snapshot, StartError, Stop, Until};
