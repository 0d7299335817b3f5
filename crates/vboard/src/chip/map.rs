//! Where every peripheral of the STM32H7A3 lies, which interrupt it raises, and which RCC bit feeds it
//! (RM0455 tables 6 and 130, chapter 8.7).
//!
//! Peripherals without a model are listed too, so that an event can call them by name.

use chipmodel::onchip::rcc::Gate;

/// Which model answers at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// There is none.
    Unmodelled,
    /// Modelled, but owned by the machine because it drives the memory window.
    Memory(MemoryPart),
    /// Reset and clock controller.
    Rcc,
    /// Power controller.
    Pwr,
    /// Flash interface.
    Flash,
    /// Port 0 is A.
    Gpio(u8),
    /// The time base.
    Tim12,
    /// Index into the table of consoles.
    Usart(u8),
    /// System configuration.
    Syscfg,
    /// Debug support.
    Dbgmcu,
    /// Random numbers.
    Rng,
    /// The factory's words.
    Signature,
    /// DMA between memories.
    Mdma,
}

/// Parts of the memory interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemoryPart {
    /// OCTOSPI1.
    Octospi1,
    /// The I/O manager.
    Octospim,
}

/// One peripheral's place.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Name in the reference manual.
    pub name: &'static str,
    /// First address.
    pub base: u32,
    /// The model.
    pub slot: Slot,
    /// Its interrupt, if the model raises one.
    pub irq: Option<u16>,
    /// Its clock enable, if it has one.
    pub gate: Option<Gate>,
}

const fn place(name: &'static str, base: u32) -> Place {
    Place {
        name,
        base,
        slot: Slot::Unmodelled,
        irq: None,
        gate: None,
    }
}

impl Place {
    const fn slot(mut self, slot: Slot) -> Self {
        self.slot = slot;
        self
    }

    const fn irq(mut self, irq: u16) -> Self {
        self.irq = Some(irq);
        self
    }

    const fn gate(mut self, enable: u32, bit: u8) -> Self {
        self.gate = Some(Gate { enable, bit });
        self
    }
}

const AHB3ENR: u32 = 0x134;
const AHB2ENR: u32 = 0x13C;
const AHB4ENR: u32 = 0x140;
const APB1LENR: u32 = 0x148;
const APB2ENR: u32 = 0x150;
const APB4ENR: u32 = 0x154;

const fn port(name: &'static str, index: u8) -> Place {
    place(name, 0x5802_0000 + 0x400 * index as u32)
        .slot(Slot::Gpio(index))
        .gate(AHB4ENR, index)
}

/// All peripherals, in the order of their addresses.
pub const PLACES: &[Place] = &[
    place("signature", 0x08FF_F800).slot(Slot::Signature),
    place("TIM2", 0x4000_0000),
    place("TIM3", 0x4000_0400),
    place("TIM4", 0x4000_0800),
    place("TIM5", 0x4000_0C00),
    place("TIM6", 0x4000_1000),
    place("TIM7", 0x4000_1400),
    place("TIM12", 0x4000_1800)
        .slot(Slot::Tim12)
        .irq(43)
        .gate(APB1LENR, 6),
    place("TIM13", 0x4000_1C00),
    place("TIM14", 0x4000_2000),
    place("LPTIM1", 0x4000_2400),
    place("SPI2", 0x4000_3800),
    place("SPI3", 0x4000_3C00),
    place("SPDIFRX", 0x4000_4000),
    place("USART2", 0x4000_4400)
        .slot(Slot::Usart(1))
        .irq(38)
        .gate(APB1LENR, 17),
    place("USART3", 0x4000_4800)
        .slot(Slot::Usart(2))
        .irq(39)
        .gate(APB1LENR, 18),
    place("UART4", 0x4000_4C00),
    place("UART5", 0x4000_5000),
    place("I2C1", 0x4000_5400),
    place("I2C2", 0x4000_5800),
    place("I2C3", 0x4000_5C00),
    place("CEC", 0x4000_6C00),
    place("DAC1", 0x4000_7400),
    place("UART7", 0x4000_7800)
        .slot(Slot::Usart(3))
        .irq(82)
        .gate(APB1LENR, 30),
    place("UART8", 0x4000_7C00),
    place("CRS", 0x4000_8400),
    place("SWPMI", 0x4000_8800),
    place("OPAMP", 0x4000_9000),
    place("MDIOS", 0x4000_9400),
    place("FDCAN1", 0x4000_A000),
    place("FDCAN2", 0x4000_A400),
    place("FDCAN message RAM", 0x4000_AC00),
    place("TIM1", 0x4001_0000),
    place("TIM8", 0x4001_0400),
    place("USART1", 0x4001_1000)
        .slot(Slot::Usart(0))
        .irq(37)
        .gate(APB2ENR, 4),
    place("USART6", 0x4001_1400),
    place("UART9", 0x4001_1800),
    place("USART10", 0x4001_1C00),
    place("SPI1", 0x4001_3000),
    place("SPI4", 0x4001_3400),
    place("TIM15", 0x4001_4000),
    place("TIM16", 0x4001_4400),
    place("TIM17", 0x4001_4800),
    place("SPI5", 0x4001_5000),
    place("SAI1", 0x4001_5800),
    place("SAI2", 0x4001_5C00),
    place("DFSDM1", 0x4001_7800),
    place("DMA1", 0x4002_0000),
    place("DMA2", 0x4002_0400),
    place("DMAMUX1", 0x4002_0800),
    place("ADC", 0x4002_2000),
    place("CRC", 0x4002_3000),
    place("USB_OTG_HS", 0x4004_0000),
    place("DCMI", 0x4802_0000),
    place("PSSI", 0x4802_0400),
    place("HSEM", 0x4802_0800),
    place("RNG", 0x4802_1800).slot(Slot::Rng).irq(80).gate(AHB2ENR, 6),
    place("SDMMC2", 0x4802_2400),
    place("BDMA1", 0x4802_2C00),
    place("LTDC", 0x5000_1000),
    place("WWDG", 0x5000_3000),
    place("MDMA", 0x5200_0000)
        .slot(Slot::Mdma)
        .irq(122)
        .gate(AHB3ENR, 0),
    place("DMA2D", 0x5200_1000),
    place("FLASH", 0x5200_2000).slot(Slot::Flash),
    place("JPEG", 0x5200_3000),
    place("FMC", 0x5200_4000),
    place("OCTOSPI1", 0x5200_5000)
        .slot(Slot::Memory(MemoryPart::Octospi1))
        .irq(92)
        .gate(AHB3ENR, 14),
    place("DLYB_OCTOSPI1", 0x5200_6000),
    place("SDMMC1", 0x5200_7000),
    place("DLYB_SDMMC1", 0x5200_8000),
    place("RAMECC", 0x5200_9000),
    place("OCTOSPI2", 0x5200_A000).gate(AHB3ENR, 19),
    place("DLYB_OCTOSPI2", 0x5200_B000),
    place("OCTOSPIM", 0x5200_B400)
        .slot(Slot::Memory(MemoryPart::Octospim))
        .gate(AHB3ENR, 21),
    place("GFXMMU", 0x5200_C000),
    place("EXTI", 0x5800_0000),
    place("SYSCFG", 0x5800_0400).slot(Slot::Syscfg).gate(APB4ENR, 1),
    place("LPUART1", 0x5800_0C00),
    place("SPI6", 0x5800_1400),
    place("I2C4", 0x5800_1C00),
    place("LPTIM2", 0x5800_2400),
    place("LPTIM3", 0x5800_2800),
    place("DAC2", 0x5800_3400),
    place("COMP", 0x5800_3800),
    place("VREFBUF", 0x5800_3C00),
    place("RTC", 0x5800_4000),
    place("TAMP", 0x5800_4400),
    place("IWDG", 0x5800_4800),
    place("DTS", 0x5800_6800),
    place("DFSDM2", 0x5800_6C00),
    port("GPIOA", 0),
    port("GPIOB", 1),
    port("GPIOC", 2),
    port("GPIOD", 3),
    port("GPIOE", 4),
    port("GPIOF", 5),
    port("GPIOG", 6),
    port("GPIOH", 7),
    port("GPIOI", 8),
    port("GPIOJ", 9),
    port("GPIOK", 10),
    place("RCC", 0x5802_4400).slot(Slot::Rcc),
    place("PWR", 0x5802_4800).slot(Slot::Pwr),
    place("BDMA2", 0x5802_5400),
    place("DMAMUX2", 0x5802_5800),
    place("DBGMCU", 0x5C00_1000).slot(Slot::Dbgmcu),
];

/// Peripherals are found by page: 1 KB pages in the blocks of the address space that hold any.
const PAGE_BYTES: u32 = 0x400;
const PAGES: usize = 0x140;
const BLOCKS: [u8; 7] = [0x08, 0x40, 0x48, 0x50, 0x52, 0x58, 0x5C];
const EMPTY: u8 = u8::MAX;

/// The page in its block; the factory's words lie at the end of theirs and get page 0.
const fn page_of(address: u32) -> Option<(usize, usize)> {
    let block = (address >> 24) as u8;
    let offset = if block == 0x08 {
        (address & 0xFF_FFFF).wrapping_sub(0xFF_F800)
    } else {
        address & 0xFF_FFFF
    };
    let page = (offset / PAGE_BYTES) as usize;
    let mut i = 0;
    while i < BLOCKS.len() {
        if BLOCKS[i] == block && page < PAGES {
            return Some((i, page));
        }
        i += 1;
    }
    None
}

static TABLE: [[u8; PAGES]; BLOCKS.len()] = {
    let mut table = [[EMPTY; PAGES]; BLOCKS.len()];
    let mut i = 0;
    while i < PLACES.len() {
        match page_of(PLACES[i].base) {
            Some((block, page)) => table[block][page] = i as u8,
            None => panic!("a place lies outside the blocks"),
        }
        i += 1;
    }
    // A peripheral reaches up to 16 pages, or to the next one.
    let mut block = 0;
    while block < BLOCKS.len() {
        let mut page = 1;
        while page < PAGES {
            let before = table[block][page - 1];
            if table[block][page] == EMPTY && before != EMPTY && reaches(before, block, page) {
                table[block][page] = before;
            }
            page += 1;
        }
        block += 1;
    }
    table
};

/// Big peripherals of this chip fill 4 KB on the AHB buses of the 0x5xxx_xxxx range, 256 KB for USB; others 1 KB.
const fn reaches(index: u8, block: usize, page: usize) -> bool {
    let base = PLACES[index as usize].base;
    let bytes = match base >> 16 {
        0x4004 => 0x1_0000,
        0x5000 | 0x5200 => 0x1000,
        _ => PAGE_BYTES,
    };
    match page_of(base) {
        Some((own, first)) => own == block && page < first + (bytes / PAGE_BYTES) as usize,
        None => false,
    }
}

/// The peripheral at a bus address.
pub fn find(address: u32) -> Option<&'static Place> {
    let (block, page) = page_of(address)?;
    PLACES.get(usize::from(TABLE[block][page]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_found_at_its_base_and_near_its_end() {
        for place in PLACES {
            for offset in [0, 0xFC] {
                let found = find(place.base + offset).map(|p| p.name);
                assert_eq!(found, Some(place.name), "{:#x}", place.base + offset);
            }
        }
    }

    #[test]
    fn a_place_ends_where_the_manual_ends_it() {
        assert_eq!(find(0x5200_2FFC).map(|p| p.name), Some("FLASH"));
        assert_eq!(find(0x5200_53F8).map(|p| p.name), Some("OCTOSPI1"));
        assert_eq!(find(0x4000_1BFC).map(|p| p.name), Some("TIM12"));
        for hole in [
            0x4000_2800,
            0x4000_6000,
            0x5802_4000,
            0x5A00_0000,
            0x08FF_F000,
            0x08FF_FC00,
            0x6000_0000,
        ] {
            assert!(find(hole).is_none(), "{hole:#x}");
        }
    }

    #[test]
    fn interrupt_numbers_match_the_vector_table_of_the_manual() {
        for (name, irq) in [
            ("USART1", 37),
            ("USART2", 38),
            ("UART7", 82),
            ("TIM12", 43),
            ("OCTOSPI1", 92),
            ("MDMA", 122),
        ] {
            let place = PLACES.iter().find(|p| p.name == name).unwrap();
            assert_eq!(place.irq, Some(irq));
        }
    }

    #[test]
    fn places_are_sorted_and_do_not_overlap() {
        assert!(PLACES.windows(2).all(|pair| pair[0].base < pair[1].base));
    }
}
