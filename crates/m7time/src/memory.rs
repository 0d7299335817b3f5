//! What an access costs where: the memories of the STM32H7A3 (RM0455 2.3), in cycles of the core, which is clocked as the AXI
//! interconnect is.

/// What answers at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Tightly coupled: one cycle, never cached.
    Tcm,
    /// The flash.
    Flash,
    /// The 1 MB on the AXI interconnect.
    AxiSram,
    /// SRAM1, SRAM2 and the backup domain's, behind an AHB.
    AhbSram,
    /// OCTOSPI's windows: their time is another model's matter.
    External,
    /// Registers behind the interconnect.
    Peripheral,
    /// Registers of the core.
    Core,
}

/// What is at this address.
pub const fn place(address: u32) -> Place {
    match address {
        0x0000_0000..=0x000F_FFFF | 0x2000_0000..=0x2001_FFFF => Place::Tcm,
        0x0800_0000..=0x1FFF_FFFF => Place::Flash,
        0x2400_0000..=0x240F_FFFF => Place::AxiSram,
        0x3000_0000..=0x3FFF_FFFF => Place::AhbSram,
        0x6000_0000..=0x9FFF_FFFF => Place::External,
        0xE000_0000..=0xE00F_FFFF => Place::Core,
        _ => Place::Peripheral,
    }
}

/// The first word of a line of AXI SRAM, and the beats behind it. A line was measured on an STM32H747 with the core at twice
/// the interconnect's clock: 17 cycles (dominc8/audio_platform), so about 8 where both have one clock, as here. That the first
/// word takes half of it is fitted, to an image with its weights there (docs/silicon.md).
const AXI_FIRST_CYCLES: u32 = 4;
const AXI_REST_CYCLES: u32 = 3;
/// A line of flash is two words of 128 bits (RM0455 4.3.8), each wait states and one cycle; and the way there and back, which is
/// fitted: two images for this chip that differ in where their weights lie take 9.4 cycles a line more from flash with 7
/// wait states than from AXI SRAM (docs/silicon.md).
const FLASH_WAY_CYCLES: u32 = 5;
/// A single access past the cache: the way, and one beat. An assumption.
const AXI_SINGLE_CYCLES: u32 = 7;
/// One more bridge. An assumption.
const AHB_SINGLE_CYCLES: u32 = 11;
/// A register behind two bridges. Polling and clearing a flag of LPTIM1 is 58.5 cycles a pass (firmware-nucleo-h7), four
/// accesses with what is around them.
const PERIPHERAL_READ_CYCLES: u32 = 13;
/// A store to a register goes on while the next instruction is executed.
const PERIPHERAL_WRITE_CYCLES: u32 = 2;

/// The settings that decide about time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memories {
    /// FLASH_ACR.LATENCY.
    pub flash_wait_states: u32,
}

impl Memories {
    /// The word that is waited for, which comes first.
    pub fn first_cycles(&self, place: Place) -> u32 {
        match place {
            Place::Flash => self.flash_wait_states + 1 + FLASH_WAY_CYCLES,
            Place::AxiSram => AXI_FIRST_CYCLES,
            Place::AhbSram => AXI_FIRST_CYCLES + AHB_SINGLE_CYCLES - AXI_SINGLE_CYCLES,
            Place::Tcm | Place::External | Place::Peripheral | Place::Core => 0,
        }
    }

    /// How long a line keeps the memory itself busy; the ways there and back are free for the next. The flash is given one
    /// cycle between lines: an assumption.
    pub fn busy_cycles(&self, place: Place) -> u32 {
        match place {
            Place::Flash => 2 * (self.flash_wait_states + 1) + 1,
            Place::AxiSram | Place::AhbSram => AXI_REST_CYCLES + 1,
            Place::Tcm | Place::External | Place::Peripheral | Place::Core => 0,
        }
    }

    /// The whole line.
    pub fn line_cycles(&self, place: Place) -> u32 {
        let rest = match place {
            Place::Flash => self.flash_wait_states + 1,
            Place::AxiSram | Place::AhbSram => AXI_REST_CYCLES,
            Place::Tcm | Place::External | Place::Peripheral | Place::Core => 0,
        };
        self.first_cycles(place) + rest
    }

    /// One load past the cache, beyond the cycle of its instruction.
    pub fn load_cycles(&self, place: Place) -> u32 {
        match place {
            Place::Tcm | Place::External | Place::Core => 0,
            Place::Flash => self.first_cycles(place),
            Place::AxiSram => AXI_SINGLE_CYCLES,
            Place::AhbSram => AHB_SINGLE_CYCLES,
            Place::Peripheral => PERIPHERAL_READ_CYCLES,
        }
    }

    /// One store past the cache, beyond the cycle of its instruction.
    pub fn store_cycles(&self, place: Place) -> u32 {
        match place {
            Place::Peripheral => PERIPHERAL_WRITE_CYCLES,
            // The store buffer takes them.
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_in_flash_cost_nine_cycles_a_line_more_with_seven_wait_states() {
        let memories = Memories { flash_wait_states: 7 };
        assert_eq!(
            memories.first_cycles(Place::Flash) - memories.first_cycles(Place::AxiSram),
            9
        );
    }

    #[test]
    fn a_wait_state_less_is_two_cycles_a_line() {
        let line = |flash_wait_states| Memories { flash_wait_states }.line_cycles(Place::Flash);
        assert_eq!(line(7) - line(6), 2);
    }

    #[test]
    fn each_memory_of_the_map_is_known() {
        for (address, wanted) in [
            (0x0000_1000, Place::Tcm),
            (0x2001_FFFC, Place::Tcm),
            (0x0800_0000, Place::Flash),
            (0x2400_0000, Place::AxiSram),
            (0x3000_0000, Place::AhbSram),
            (0x9000_0000, Place::External),
            (0x4000_4400, Place::Peripheral),
            (0x5200_5000, Place::Peripheral),
            (0xE000_ED00, Place::Core),
        ] {
            assert_eq!(place(address), wanted, "{address:#x}");
        }
    }
}
