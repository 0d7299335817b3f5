//! Small Thumb programs on the machine: an ELF around hand-assembled code, and its results in AXI SRAM.

use vboard::board::Board;
use vboard::core::cpu::Reg;
use vboard::{Config, Machine, StartError, Stop, Strictness, Time, Until};

/// Where the programs leave their results.
pub const OUT: u32 = 0x2400_0000;

/// An ELF with one segment at the start of flash.
pub fn elf(code: &[u16]) -> Vec<u8> {
    elf_at(0x0800_0000, code)
}

/// An ELF with one segment.
pub fn elf_at(base: u32, code: &[u16]) -> Vec<u8> {
    let bytes: Vec<u8> = code.iter().flat_map(|h| h.to_le_bytes()).collect();
    let mut elf = vec![0x7F, b'E', b'L', b'F', 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let half = |elf: &mut Vec<u8>, v: u16| elf.extend(v.to_le_bytes());
    let word = |elf: &mut Vec<u8>, v: u32| elf.extend(v.to_le_bytes());
    // Executable, Arm, version, entry, program headers at 52, no sections, no flags.
    half(&mut elf, 2);
    half(&mut elf, 40);
    for v in [1, base + 1, 52, 0, 0] {
        word(&mut elf, v);
    }
    // Header size, one program header of 32 bytes, no section headers.
    for v in [52, 32, 1, 40, 0, 0] {
        half(&mut elf, v);
    }
    // PT_LOAD, offset, virtual and physical address, sizes, readable and executable, alignment.
    let size = bytes.len() as u32;
    for v in [1, 84, base, base, size, size, 5, 4] {
        word(&mut elf, v);
    }
    elf.extend(bytes);
    elf
}

/// A machine with the program, not yet run.
pub fn machine(code: &[u16], strictness: Strictness) -> Machine {
    machine_with(&elf(code), strictness)
}

/// The same with an ELF.
pub fn machine_with(elf: &[u8], strictness: Strictness) -> Machine {
    machine_on(Board::named("devebox").expect("a known board"), elf, strictness).expect("a sound ELF")
}

/// The same on a board of one's own.
pub fn machine_on(board: Board, elf: &[u8], strictness: Strictness) -> Result<Machine, StartError> {
    let memory_chip = chipmodel::parts::fitted::Fitted::Nothing;
    Machine::new(
        Config {
            board,
            memory_chip,
            strictness,
            seed: 7,
        },
        elf,
    )
}

/// Run a program until it sleeps for good.
pub fn finished(code: &[u16], strictness: Strictness) -> Machine {
    let mut machine = machine(code, strictness);
    let stop = machine.run(Until::time(Time(1_000_000_000_000)));
    assert_eq!(
        stop,
        Stop::Idle { until: None },
        "pc 0x{:08x}, {:?}",
        machine.register(Reg::Pc),
        machine.events()
    );
    machine
}

/// A word of memory.
pub fn word(machine: &Machine, address: u32) -> u32 {
    let mut bytes = [0; 4];
    assert!(machine.read_memory(address, &mut bytes));
    u32::from_le_bytes(bytes)
}

/// The first `N` result words.
pub fn results<const N: usize>(machine: &Machine) -> [u32; N] {
    core::array::from_fn(|n| word(machine, OUT + 4 * n as u32))
}
