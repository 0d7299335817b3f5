//! What Arm calls the processor, but for its instructions: exceptions, memory protection, counters, data cache.

pub mod coherency;
pub mod dcache;
pub mod dwt;
pub mod mpu;
pub mod nvic;
pub mod scb;
pub mod systick;
