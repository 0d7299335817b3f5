//! A channel that is on: what it was told, and how far it is.

use std::collections::VecDeque;

use crate::bus::axi::{ReadBeat, ReadBurst, WriteBeat};
use crate::bus::master::{Bus, Buses};
use crate::{Effects, Refused, Time};

/// From where to where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// A peripheral's register is read.
    ToMemory,
    /// A peripheral's register is written.
    ToPeripheral,
    /// By itself, without requests; the side of the peripheral is read.
    Copy,
}

/// One of the two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Side {
    /// Bytes in one access.
    pub size: u32,
    /// What the address moves by after each.
    pub step: u32,
}

/// A configuration, digested when the channel is switched on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    pub bus: Bus,
    pub direction: Direction,
    pub peripheral: Side,
    pub memory: Side,
    pub circular: bool,
    pub double: bool,
    /// Accesses of the peripheral for one request.
    pub burst: u32,
    /// Bytes of the FIFO at which it is emptied into memory; `None` is without FIFO, where each item is by itself.
    pub threshold: Option<usize>,
}

/// What an item has led to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Passed {
    pub half: bool,
    pub whole: bool,
}

/// Where it is.
#[derive(Clone, Debug)]
pub struct Run {
    pub plan: Plan,
    /// Items of a block.
    block: u32,
    /// Those that are left.
    pub left: u32,
    first: u32,
    peripheral: u32,
    memory: u32,
    fifo: VecDeque<u8>,
    /// Which of two memories; counts up at the end of a block if there are two.
    pub second: bool,
}

impl Run {
    /// At the beginning of a block of `items`.
    pub fn new(plan: Plan, items: u32, peripheral: u32, memory: u32, second: bool) -> Self {
        Run {
            plan,
            block: items,
            left: items,
            first: peripheral,
            peripheral,
            memory,
            fifo: VecDeque::new(),
            second,
        }
    }

    /// Whether data waits to be written to memory.
    pub fn holds_data(&self) -> bool {
        self.plan.direction != Direction::ToPeripheral && !self.fifo.is_empty()
    }

    /// Bytes in the FIFO.
    pub fn level(&self) -> usize {
        self.fifo.len()
    }

    /// One item of the peripheral's size, and what follows from it. Returns when it is through.
    pub fn item(
        &mut self,
        at: Time,
        buses: &mut dyn Buses,
        fx: &mut Effects,
    ) -> Result<Time, (u32, Refused)> {
        let mut at = at;
        let Plan { bus, peripheral, .. } = self.plan;
        match self.plan.direction {
            Direction::ToPeripheral => {
                while self.fifo.len() < peripheral.size as usize {
                    at = self.fetch(at, buses, fx)?;
                }
                let value = self.take(peripheral.size);
                at = store(buses, bus, self.peripheral, peripheral.size, value, at, fx)?;
            }
            Direction::ToMemory | Direction::Copy => {
                let (value, ready) = load(buses, bus, self.peripheral, peripheral.size, at, fx)?;
                at = ready;
                self.put(value, peripheral.size);
                // Without FIFO an item is widened with zeros, or cut.
                if self.plan.threshold.is_none() {
                    self.fifo.resize(self.plan.memory.size as usize, 0);
                }
                let limit = self.plan.threshold.unwrap_or(1);
                if self.fifo.len() >= limit || self.left == 1 {
                    at = self.flush(at, buses, fx)?;
                }
            }
        }
        self.peripheral = self.peripheral.wrapping_add(peripheral.step);
        self.left -= 1;
        Ok(at)
    }

    /// All that has been collected goes to memory.
    pub fn flush(
        &mut self,
        at: Time,
        buses: &mut dyn Buses,
        fx: &mut Effects,
    ) -> Result<Time, (u32, Refused)> {
        let (mut at, memory) = (at, self.plan.memory);
        while !self.fifo.is_empty() {
            // What is less than an item at the end goes as bytes.
            let size = if self.fifo.len() >= memory.size as usize {
                memory.size
            } else {
                1
            };
            let value = self.take(size);
            at = store(buses, self.plan.bus, self.memory, size, value, at, fx)?;
            self.memory = self.memory.wrapping_add(memory.step.min(size));
        }
        Ok(at)
    }

    /// Is half of the block or all of it over?
    pub fn passed(&self) -> Passed {
        Passed {
            half: self.left == self.block / 2,
            whole: self.left == 0,
        }
    }

    /// The next block, from the beginning.
    pub fn again(&mut self, memories: [u32; 2]) {
        self.second ^= self.plan.double;
        self.left = self.block;
        self.peripheral = self.first;
        self.memory = memories[usize::from(self.second)];
    }

    fn fetch(&mut self, at: Time, buses: &mut dyn Buses, fx: &mut Effects) -> Result<Time, (u32, Refused)> {
        let memory = self.plan.memory;
        let (value, ready) = load(buses, self.plan.bus, self.memory, memory.size, at, fx)?;
        self.put(value, memory.size);
        if self.plan.threshold.is_none() {
            self.fifo.resize(self.plan.peripheral.size as usize, 0);
        }
        self.memory = self.memory.wrapping_add(memory.step);
        Ok(ready)
    }

    fn put(&mut self, value: u32, size: u32) {
        self.fifo.extend(&value.to_le_bytes()[..size as usize]);
    }

    fn take(&mut self, size: u32) -> u32 {
        (0..size).fold(0, |word, n| {
            word | u32::from(self.fifo.pop_front().unwrap_or(0)) << (8 * n)
        })
    }
}

fn load(
    buses: &mut dyn Buses,
    bus: Bus,
    address: u32,
    size: u32,
    at: Time,
    fx: &mut Effects,
) -> Result<(u32, Time), (u32, Refused)> {
    let mut beats = [ReadBeat::default(); 4];
    let burst = ReadBurst::single(address, size as u8);
    buses
        .read(bus, &burst, at, &mut beats, fx)
        .map_err(|refused| (address, refused))?;
    let value = (beats[0].data >> (8 * (address & 7))) as u32;
    Ok((value & u32::MAX >> (32 - 8 * size), beats[0].ready))
}

fn store(
    buses: &mut dyn Buses,
    bus: Bus,
    address: u32,
    size: u32,
    value: u32,
    at: Time,
    fx: &mut Effects,
) -> Result<Time, (u32, Refused)> {
    let beat = WriteBeat::exact(address, size as u8, value);
    buses
        .write(bus, &[beat], at, fx)
        .map_err(|refused| (address, refused))
}
