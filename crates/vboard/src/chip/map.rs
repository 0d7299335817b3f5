//! Where every peripheral of the STM32H7A3 lies, which interrupts and DMA requests it raises, which RCC bit feeds it, and
//! which model answers there (RM0455 tables 6 and 130, chapter 8.7, DMAMUX1 request table).
//!
//! Peripherals without a model are listed too, so that an event can call them by name.

use super::devices::{Devices, Masters};
use chipmodel::Device;
use chipmodel::bus::master::{Master, Requests};
use chipmodel::onchip::rcc::Gate;

/// Finds a device among its fields.
pub type Field = fn(&mut Devices) -> &mut dyn Device;
/// Finds a bus master among its fields.
pub type MasterField = fn(&mut Masters) -> &mut dyn Master;

/// What else has to be looked at after a write to a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Affects {
    /// Only itself.
    Itself,
    /// Clocks and resets: everything.
    Clocks,
    /// What the clocks may be.
    Limits,
    /// Which pins lead where.
    Pins,
    /// Which request leads to which channel.
    Requests,
    /// Whose edges are interrupts.
    Edges,
}

/// One peripheral.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Name in the reference manual.
    pub name: &'static str,
    /// First address.
    pub base: u32,
    /// Bytes of its range.
    pub bytes: u32,
    /// Its interrupts: bit n of [`Device::lines`] is the n-th.
    pub irqs: &'static [u16],
    /// Lines of EXTI that it drives: bit n of [`Device::lines`] is the n-th.
    pub exti: &'static [u8],
    /// Its DMA requests: bit n of [`Device::requests`] is the n-th.
    pub requests: &'static [u8],
    /// Its clock enable, if it has one.
    pub gate: Option<Gate>,
    /// Its model, if it has one.
    pub device: Option<Field>,
    /// The same as a bus master, if it is one.
    pub master: Option<MasterField>,
    /// What depends on it.
    pub affects: Affects,
}

const fn row(name: &'static str, base: u32) -> Row {
    let bytes = match base >> 16 {
        0x1FF0 => 0x2_0000,
        0x4004 => 0x4_0000,
        0x5000 | 0x5200 => 0x1000,
        _ => PAGE_BYTES,
    };
    Row {
        name,
        base,
        bytes,
        irqs: &[],
        exti: &[],
        requests: &[],
        gate: None,
        device: None,
        master: None,
        affects: Affects::Itself,
    }
}

impl Row {
    const fn device(mut self, device: Field) -> Self {
        self.device = Some(device);
        self
    }

    const fn bytes(mut self, bytes: u32) -> Self {
        self.bytes = bytes;
        self
    }

    const fn master(mut self, master: MasterField) -> Self {
        self.master = Some(master);
        self
    }

    const fn irqs(mut self, irqs: &'static [u16]) -> Self {
        self.irqs = irqs;
        self
    }

    const fn exti(mut self, lines: &'static [u8]) -> Self {
        self.exti = lines;
        self
    }

    const fn requests(mut self, requests: &'static [u8]) -> Self {
        self.requests = requests;
        self
    }

    const fn gate(mut self, enable: u32, bit: u8) -> Self {
        self.gate = Some(Gate { enable, bit });
        self
    }

    const fn affects(mut self, what: Affects) -> Self {
        self.affects = what;
        self
    }
}

const AHB3ENR: u32 = 0x134;
const AHB1ENR: u32 = 0x138;
const AHB2ENR: u32 = 0x13C;
const AHB4ENR: u32 = 0x140;
const APB1LENR: u32 = 0x148;
const APB1HENR: u32 = 0x14C;
const APB2ENR: u32 = 0x150;
const APB4ENR: u32 = 0x154;

/// Numbers at DMAMUX2.
const SRD: u8 = Requests::SRD;

const fn port(name: &'static str, index: u8, device: Field) -> Row {
    row(name, 0x5802_0000 + 0x400 * index as u32)
        .device(device)
        .gate(AHB4ENR, index)
        .affects(Affects::Pins)
}

const fn timer(name: &'static str, base: u32, device: Field, irqs: &'static [u16]) -> Row {
    row(name, base).device(device).irqs(irqs)
}

/// All peripherals, in the order of their addresses.
pub const ROWS: &[Row] = &[
    row("signature", 0x08FF_F800).device(|d| &mut d.signature),
    // System memory.
    row("the boot loader in ROM", 0x1FF0_0000).device(|d| &mut d.rom),
    timer("TIM2", 0x4000_0000, |d| &mut d.tims[1], &[28]).gate(APB1LENR, 0),
    timer("TIM3", 0x4000_0400, |d| &mut d.tims[2], &[29]).gate(APB1LENR, 1),
    timer("TIM4", 0x4000_0800, |d| &mut d.tims[3], &[30]).gate(APB1LENR, 2),
    timer("TIM5", 0x4000_0C00, |d| &mut d.tims[4], &[50]).gate(APB1LENR, 3),
    timer("TIM6", 0x4000_1000, |d| &mut d.tims[5], &[54]).gate(APB1LENR, 4),
    timer("TIM7", 0x4000_1400, |d| &mut d.tims[6], &[55]).gate(APB1LENR, 5),
    timer("TIM12", 0x4000_1800, |d| &mut d.tims[8], &[43]).gate(APB1LENR, 6),
    timer("TIM13", 0x4000_1C00, |d| &mut d.tims[9], &[44]).gate(APB1LENR, 7),
    timer("TIM14", 0x4000_2000, |d| &mut d.tims[10], &[45]).gate(APB1LENR, 8),
    row("LPTIM1", 0x4000_2400),
    row("SPI2", 0x4000_3800)
        .device(|d| &mut d.spi[1])
        .irqs(&[36])
        .requests(&[39, 40])
        .gate(APB1LENR, 14),
    row("SPI3", 0x4000_3C00)
        .device(|d| &mut d.spi[2])
        .irqs(&[51])
        .requests(&[61, 62])
        .gate(APB1LENR, 15),
    row("SPDIFRX", 0x4000_4000),
    row("USART2", 0x4000_4400)
        .device(|d| &mut d.usarts[1])
        .irqs(&[38])
        .requests(&[43, 44])
        .gate(APB1LENR, 17),
    row("USART3", 0x4000_4800)
        .device(|d| &mut d.usarts[2])
        .irqs(&[39])
        .requests(&[45, 46])
        .gate(APB1LENR, 18),
    row("UART4", 0x4000_4C00)
        .device(|d| &mut d.usarts[3])
        .irqs(&[52])
        .requests(&[63, 64])
        .gate(APB1LENR, 19),
    row("UART5", 0x4000_5000)
        .device(|d| &mut d.usarts[4])
        .irqs(&[53])
        .requests(&[65, 66])
        .gate(APB1LENR, 20),
    row("I2C1", 0x4000_5400)
        .device(|d| &mut d.i2c[0])
        .irqs(&[31, 32])
        .requests(&[33, 34])
        .gate(APB1LENR, 21),
    row("I2C2", 0x4000_5800)
        .device(|d| &mut d.i2c[1])
        .irqs(&[33, 34])
        .requests(&[35, 36])
        .gate(APB1LENR, 22),
    row("I2C3", 0x4000_5C00)
        .device(|d| &mut d.i2c[2])
        .irqs(&[72, 73])
        .requests(&[73, 74])
        .gate(APB1LENR, 23),
    row("CEC", 0x4000_6C00),
    row("DAC1", 0x4000_7400)
        .device(|d| &mut d.dac[0])
        .gate(APB1LENR, 29),
    row("UART7", 0x4000_7800)
        .device(|d| &mut d.usarts[6])
        .irqs(&[82])
        .requests(&[79, 80])
        .gate(APB1LENR, 30),
    row("UART8", 0x4000_7C00)
        .device(|d| &mut d.usarts[7])
        .irqs(&[83])
        .requests(&[81, 82])
        .gate(APB1LENR, 31),
    row("CRS", 0x4000_8400).device(|d| &mut d.crs).gate(APB1HENR, 1),
    row("SWPMI", 0x4000_8800),
    row("OPAMP", 0x4000_9000),
    row("MDIOS", 0x4000_9400),
    // Both controllers, the calibration of their clocks, and the message RAM.
    row("FDCAN", 0x4000_A000)
        .bytes(0x3400)
        .device(|d| &mut d.fdcan)
        .irqs(&[19, 21, 20, 22])
        .gate(APB1HENR, 8),
    timer("TIM1", 0x4001_0000, |d| &mut d.tims[0], &[25, 27]).gate(APB2ENR, 0),
    timer("TIM8", 0x4001_0400, |d| &mut d.tims[7], &[44, 46]).gate(APB2ENR, 1),
    row("USART1", 0x4001_1000)
        .device(|d| &mut d.usarts[0])
        .irqs(&[37])
        .requests(&[41, 42])
        .gate(APB2ENR, 4),
    row("USART6", 0x4001_1400)
        .device(|d| &mut d.usarts[5])
        .irqs(&[71])
        .requests(&[71, 72])
        .gate(APB2ENR, 5),
    row("UART9", 0x4001_1800)
        .device(|d| &mut d.usarts[8])
        .irqs(&[140])
        .requests(&[116, 117])
        .gate(APB2ENR, 6),
    row("USART10", 0x4001_1C00)
        .device(|d| &mut d.usarts[9])
        .irqs(&[141])
        .requests(&[118, 119])
        .gate(APB2ENR, 7),
    row("SPI1", 0x4001_3000)
        .device(|d| &mut d.spi[0])
        .irqs(&[35])
        .requests(&[37, 38])
        .gate(APB2ENR, 12),
    row("SPI4", 0x4001_3400)
        .device(|d| &mut d.spi[3])
        .irqs(&[84])
        .requests(&[83, 84])
        .gate(APB2ENR, 13),
    timer("TIM15", 0x4001_4000, |d| &mut d.tims[11], &[116]).gate(APB2ENR, 16),
    timer("TIM16", 0x4001_4400, |d| &mut d.tims[12], &[117]).gate(APB2ENR, 17),
    timer("TIM17", 0x4001_4800, |d| &mut d.tims[13], &[118]).gate(APB2ENR, 18),
    row("SPI5", 0x4001_5000),
    row("SAI1", 0x4001_5800),
    row("SAI2", 0x4001_5C00),
    row("DFSDM1", 0x4001_7800),
    row("DMA1", 0x4002_0000)
        .device(|d| &mut d.masters.dma[0])
        .master(|m| &mut m.dma[0])
        .irqs(&[11, 12, 13, 14, 15, 16, 17, 47])
        .gate(AHB1ENR, 0),
    row("DMA2", 0x4002_0400)
        .device(|d| &mut d.masters.dma[1])
        .master(|m| &mut m.dma[1])
        .irqs(&[56, 57, 58, 59, 60, 68, 69, 70])
        .gate(AHB1ENR, 1),
    // Its clock is that of DMA1 or DMA2.
    row("DMAMUX1", 0x4002_0800)
        .device(|d| &mut d.dmamux1)
        .affects(Affects::Requests),
    row("ADC", 0x4002_2000)
        .device(|d| &mut d.adc12)
        .irqs(&[18])
        .requests(&[9, 10])
        .gate(AHB1ENR, 5),
    row("CRC", 0x4002_3000).device(|d| &mut d.crc).gate(AHB1ENR, 9),
    row("USB_OTG_HS", 0x4004_0000)
        .device(|d| &mut d.otg)
        .irqs(&[77])
        .gate(AHB1ENR, 25),
    row("DCMI", 0x4802_0000)
        .device(|d| &mut d.dcmi)
        .irqs(&[78])
        .requests(&[75])
        .gate(AHB2ENR, 0),
    row("PSSI", 0x4802_0400),
    row("HSEM", 0x4802_0800),
    row("RNG", 0x4802_1800)
        .device(|d| &mut d.rng)
        .irqs(&[80])
        .gate(AHB2ENR, 6),
    row("SDMMC2", 0x4802_2400),
    row("BDMA1", 0x4802_2C00),
    row("LTDC", 0x5000_1000),
    row("WWDG", 0x5000_3000),
    row("MDMA", 0x5200_0000)
        .device(|d| &mut d.masters.mdma)
        .master(|m| &mut m.mdma)
        .irqs(&[122])
        .gate(AHB3ENR, 0),
    row("DMA2D", 0x5200_1000),
    row("FLASH", 0x5200_2000)
        .device(|d| &mut d.flash)
        .irqs(&[4])
        .affects(Affects::Limits),
    row("JPEG", 0x5200_3000),
    // Not behind its gate: start-up code of CubeMX writes it without.
    row("FMC", 0x5200_4000).device(|d| &mut d.fmc),
    row("OCTOSPI1", 0x5200_5000)
        .device(|d| &mut d.octospi1)
        .irqs(&[92])
        .gate(AHB3ENR, 14),
    row("DLYB_OCTOSPI1", 0x5200_6000),
    row("SDMMC1", 0x5200_7000)
        .device(|d| &mut d.masters.sdmmc1)
        .master(|m| &mut m.sdmmc1)
        .irqs(&[49])
        .gate(AHB3ENR, 16),
    row("DLYB_SDMMC1", 0x5200_8000),
    row("RAMECC", 0x5200_9000),
    row("OCTOSPI2", 0x5200_A000).gate(AHB3ENR, 19),
    row("DLYB_OCTOSPI2", 0x5200_B000),
    row("OCTOSPIM", 0x5200_B400)
        .device(|d| &mut d.octospim)
        .gate(AHB3ENR, 21)
        .affects(Affects::Pins),
    row("GFXMMU", 0x5200_C000),
    row("EXTI", 0x5800_0000)
        .device(|d| &mut d.exti)
        .irqs(&[6, 7, 8, 9, 10, 23, 40, 41, 3]),
    row("SYSCFG", 0x5800_0400)
        .device(|d| &mut d.syscfg)
        .gate(APB4ENR, 1)
        .affects(Affects::Edges),
    row("LPUART1", 0x5800_0C00),
    row("SPI6", 0x5800_1400)
        .device(|d| &mut d.spi[4])
        .irqs(&[86])
        .requests(&[SRD + 11, SRD + 12])
        .gate(APB4ENR, 5),
    row("I2C4", 0x5800_1C00)
        .device(|d| &mut d.i2c[3])
        .irqs(&[95, 96])
        .requests(&[SRD + 13, SRD + 14])
        .gate(APB4ENR, 7),
    row("LPTIM2", 0x5800_2400),
    row("LPTIM3", 0x5800_2800),
    row("DAC2", 0x5800_3400)
        .device(|d| &mut d.dac[1])
        .gate(APB4ENR, 13),
    row("COMP", 0x5800_3800),
    row("VREFBUF", 0x5800_3C00),
    row("RTC", 0x5800_4000)
        .device(|d| &mut d.rtc)
        .exti(&[17, 19])
        .gate(APB4ENR, 16),
    row("TAMP", 0x5800_4400).device(|d| &mut d.tamp).gate(APB4ENR, 16),
    row("IWDG", 0x5800_4800).device(|d| &mut d.iwdg),
    row("DTS", 0x5800_6800),
    row("DFSDM2", 0x5800_6C00),
    port("GPIOA", 0, |d| &mut d.gpio[0]),
    port("GPIOB", 1, |d| &mut d.gpio[1]),
    port("GPIOC", 2, |d| &mut d.gpio[2]),
    port("GPIOD", 3, |d| &mut d.gpio[3]),
    port("GPIOE", 4, |d| &mut d.gpio[4]),
    port("GPIOF", 5, |d| &mut d.gpio[5]),
    port("GPIOG", 6, |d| &mut d.gpio[6]),
    port("GPIOH", 7, |d| &mut d.gpio[7]),
    port("GPIOI", 8, |d| &mut d.gpio[8]),
    port("GPIOJ", 9, |d| &mut d.gpio[9]),
    port("GPIOK", 10, |d| &mut d.gpio[10]),
    row("RCC", 0x5802_4400)
        .device(|d| &mut d.rcc)
        .affects(Affects::Clocks),
    row("PWR", 0x5802_4800)
        .device(|d| &mut d.pwr)
        .affects(Affects::Limits),
    row("BDMA2", 0x5802_5400)
        .device(|d| &mut d.masters.bdma2)
        .master(|m| &mut m.bdma2)
        .irqs(&[129, 130, 131, 132, 133, 134, 135, 136])
        .gate(AHB4ENR, 21),
    row("DMAMUX2", 0x5802_5800)
        .device(|d| &mut d.dmamux2)
        .affects(Affects::Requests),
    row("DBGMCU", 0x5C00_1000).device(|d| &mut d.dbgmcu),
];

/// Peripherals are found by page: 1 KB pages in the blocks of the address space that hold any.
const PAGE_BYTES: u32 = 0x400;
const PAGES: usize = 0x200;
const BLOCKS: [u8; 8] = [0x08, 0x1F, 0x40, 0x48, 0x50, 0x52, 0x58, 0x5C];
const EMPTY: u8 = u8::MAX;

/// The page in its block; the factory's words and system memory lie at the end of theirs and get page 0.
const fn page_of(address: u32) -> Option<(usize, usize)> {
    let block = (address >> 24) as u8;
    let first = match block {
        0x08 => 0xFF_F800,
        0x1F => 0xF0_0000,
        _ => 0,
    };
    let offset = (address & 0xFF_FFFF).wrapping_sub(first);
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
    while i < ROWS.len() {
        match page_of(ROWS[i].base) {
            Some((block, page)) => table[block][page] = i as u8,
            None => panic!("a place lies outside the blocks"),
        }
        i += 1;
    }
    // A peripheral reaches as far as its row says, or to the next one.
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

const fn reaches(index: u8, block: usize, page: usize) -> bool {
    let row = ROWS[index as usize];
    match page_of(row.base) {
        Some((own, first)) => own == block && page < first + (row.bytes / PAGE_BYTES) as usize,
        None => false,
    }
}

/// The row at a bus address, by its index.
pub fn find(address: u32) -> Option<usize> {
    let (block, page) = page_of(address)?;
    Some(usize::from(TABLE[block][page])).filter(|index| *index < ROWS.len())
}

/// The row of this name, by its index.
pub const fn named(name: &str) -> usize {
    let mut index = 0;
    while index < ROWS.len() {
        if equal(ROWS[index].name, name) {
            return index;
        }
        index += 1;
    }
    panic!("no row has this name")
}

const fn equal(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut n = 0;
    while n < a.len() && n < b.len() && a[n] == b[n] {
        n += 1;
    }
    n == a.len() && n == b.len()
}

/// Rows that have a model, by index.
pub fn modelled() -> impl Iterator<Item = (usize, &'static Row, Field)> {
    let rows = ROWS.iter().enumerate();
    rows.filter_map(|(index, row)| Some((index, row, row.device?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name_at(address: u32) -> Option<&'static str> {
        find(address).map(|index| ROWS[index].name)
    }

    #[test]
    fn every_row_is_found_at_its_base_and_near_its_end() {
        for row in ROWS {
            for offset in [0, 0xFC] {
                assert_eq!(
                    name_at(row.base + offset),
                    Some(row.name),
                    "{:#x}",
                    row.base + offset
                );
            }
        }
    }

    #[test]
    fn a_place_ends_where_the_manual_ends_it() {
        assert_eq!(name_at(0x5200_2FFC), Some("FLASH"));
        assert_eq!(name_at(0x5200_53F8), Some("OCTOSPI1"));
        assert_eq!(name_at(0x4000_1BFC), Some("TIM12"));
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
    fn interrupts_and_requests_match_the_tables_of_the_manual() {
        let table: [(&str, &[u16], &[u8]); 11] = [
            ("TIM1", &[25, 27], &[]),
            ("TIM8", &[44, 46], &[]),
            ("TIM17", &[118], &[]),
            ("USART1", &[37], &[41, 42]),
            ("USART2", &[38], &[43, 44]),
            ("UART7", &[82], &[79, 80]),
            ("USART10", &[141], &[118, 119]),
            ("TIM12", &[43], &[]),
            ("OCTOSPI1", &[92], &[]),
            ("MDMA", &[122], &[]),
            ("DCMI", &[78], &[75]),
        ];
        for (name, irqs, requests) in table {
            let row = &ROWS[named(name)];
            assert_eq!((row.irqs, row.requests), (irqs, requests), "{name}");
        }
    }

    #[test]
    fn usb_reaches_256_kb() {
        assert_eq!(name_at(0x4007_FFFC), Some("USB_OTG_HS"));
        assert_eq!(name_at(0x4008_0000), None);
    }

    #[test]
    fn rows_are_sorted_and_do_not_overlap() {
        assert!(ROWS.windows(2).all(|pair| pair[0].base < pair[1].base));
    }
}
