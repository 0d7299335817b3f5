//! The virtual board: an STM32H7A3 with its memories, devices and memory chip, that runs the firmware's ELF.
//!
//! The processor's instructions are executed by Unicorn; everything around them (exceptions, interrupts, MPU, system
//! registers, memory map, virtual time) is ours. Runs repeat to the instruction.
//! Time is one cycle an instruction plus the stalls that devices report, or comes from the model of the Cortex-M7
//! ([`Model`]): pipeline, branches, caches, wait states. Not modelled: the D-cache's contents for anything but the memory
//! window (of internal memory only who saw what, and, with [`Model::Full`], when a line is there), the time of exceptions with
//! [`Model::Instructions`], and DMB as a drain of the store buffer (DSB and exception entry are).

pub mod board;
pub mod chip;
pub mod core;
pub mod ends;
pub mod gdb;
mod machine;
mod probe;

pub use chip::Erratum;
pub use chipmodel::onchip::flash::{Array as FlashArray, SECTOR_BYTES as FLASH_SECTOR_BYTES};
pub use chipmodel::parts::choice::MemoryChip;
pub use chipmodel::parts::sd_card::SdCard;
pub use chipmodel::parts::tft::Picture;
pub use chipmodel::{Kind, Picos, Time};
pub use core::timing::Model;
pub use machine::display::displays;
pub use machine::event::{Event, Strictness, name_of};
pub use machine::image::{Image, ImageError};
pub use machine::stats::{BusStats, CacheStats, Call, CommandStats, PsramStats, Span, Stats, Watched};
pub use machine::storage::{Left, Medium};
pub use machine::{Config, Machine, Snapshot, StartError, Stop, Until};
