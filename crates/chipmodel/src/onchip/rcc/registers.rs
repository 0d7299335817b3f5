//! Names, places and bits of the RCC registers (RM0455 8.7).

use crate::bus::bank::Register;

pub const CR: u32 = 0x00;
pub const CFGR: u32 = 0x10;
pub const CDCFGR1: u32 = 0x18;
pub const CDCFGR2: u32 = 0x1C;
pub const SRDCFGR: u32 = 0x20;
pub const PLLCKSELR: u32 = 0x28;
pub const PLLCFGR: u32 = 0x2C;
/// The three follow at steps of 8, each with its FRACR behind.
pub const PLL1DIVR: u32 = 0x30;
pub const PLL2DIVR: u32 = 0x38;
pub const PLL3DIVR: u32 = 0x40;
pub const CDCCIPR: u32 = 0x4C;
pub const CDCCIP1R: u32 = 0x50;
pub const SRDCCIPR: u32 = 0x58;
pub const CDCCIP2R: u32 = 0x54;
pub const BDCR: u32 = 0x70;
pub const CSR: u32 = 0x74;
pub const AHB3RSTR: u32 = 0x7C;
pub const APB4RSTR: u32 = 0x9C;
pub const RSR: u32 = 0x130;
pub const AHB3ENR: u32 = 0x134;
pub const APB4ENR: u32 = 0x154;
/// From an enable register down to the reset register with the same bits.
pub const EN_TO_RSTR: u32 = AHB3ENR - AHB3RSTR;
pub const RSTR_COUNT: usize = ((APB4RSTR - AHB3RSTR) / 4 + 1) as usize;

pub const fn rstr_index(offset: u32) -> usize {
    ((offset - AHB3RSTR) / 4) as usize
}

pub const CR_HSION: u32 = 1 << 0;
pub const CR_HSIRDY: u32 = 1 << 2;
pub const CR_HSIDIVF: u32 = 1 << 5;
pub const CR_CSION: u32 = 1 << 7;
pub const CR_CSIRDY: u32 = 1 << 8;
pub const CR_HSI48ON: u32 = 1 << 12;
pub const CR_HSI48RDY: u32 = 1 << 13;
pub const CR_CPUCKRDY: u32 = 1 << 14;
pub const CR_CDCKRDY: u32 = 1 << 15;
pub const CR_HSEON: u32 = 1 << 16;
pub const CR_HSERDY: u32 = 1 << 17;
pub const CR_PLLON: [u32; 3] = [1 << 24, 1 << 26, 1 << 28];
pub const CR_PLLRDY: [u32; 3] = [1 << 25, 1 << 27, 1 << 29];

/// Oscillators before PLLs, because a PLL locks on an oscillator that runs.
pub const CR_ON_RDY: [(u32, u32); 7] = [
    (CR_HSION, CR_HSIRDY),
    (CR_CSION, CR_CSIRDY),
    (CR_HSI48ON, CR_HSI48RDY),
    (CR_HSEON, CR_HSERDY),
    (CR_PLLON[0], CR_PLLRDY[0]),
    (CR_PLLON[1], CR_PLLRDY[1]),
    (CR_PLLON[2], CR_PLLRDY[2]),
];
pub const CR_ALL_RDY: u32 =
    CR_HSIRDY | CR_CSIRDY | CR_HSI48RDY | CR_HSERDY | CR_PLLRDY[0] | CR_PLLRDY[1] | CR_PLLRDY[2];
const CR_WRITABLE: u32 = CR_HSION
    | 1 << 1 // HSIKERON
    | 3 << 3 // HSIDIV
    | CR_CSION
    | 1 << 9 // CSIKERON
    | CR_HSI48ON
    | CR_HSEON
    | 1 << 18 // HSEBYP
    | CR_PLLON[0]
    | CR_PLLON[1]
    | CR_PLLON[2];

pub const CFGR_SW: u32 = 7;
pub const CFGR_SWS: u32 = 7 << 3;
pub const CFGR_TIMPRE: u32 = 1 << 15;
/// MCO1PRE and MCO1SEL.
pub const CFGR_MCO1: u32 = 0x7F << 18;
/// What SW selects, and the flag that tells that it runs.
pub const SYSCLK_READY: [(&str, u32); 4] = [
    ("HSI", CR_HSIRDY),
    ("CSI", CR_CSIRDY),
    ("HSE", CR_HSERDY),
    ("PLL1", CR_PLLRDY[0]),
];

pub const PLLCKSELR_SRC: u32 = 3;
pub const BDCR_LSEON: u32 = 1 << 0;
pub const BDCR_LSERDY: u32 = 1 << 1;
pub const BDCR_RTCSEL: u32 = 3 << 8;
pub const BDCR_RTCEN: u32 = 1 << 15;
pub const BDCR_BDRST: u32 = 1 << 16;
pub const CSR_LSION: u32 = 1 << 0;
pub const CSR_LSIRDY: u32 = 1 << 1;
pub const RSR_RMVF: u32 = 1 << 16;
pub const RSR_CPURSTF: u32 = 1 << 17;
pub const RSR_PINRSTF: u32 = 1 << 22;
pub const RSR_SFTRSTF: u32 = 1 << 24;
pub const RSR_IWDGRSTF: u32 = 1 << 26;
pub const RSR_POWER_ON: u32 = 0x00E8_0000;

const DIVR_MASK: u32 = 0x7F7F_FFFF;
const FRAC_MASK: u32 = 0x0000_FFF8;

// Bits of the peripherals that the part has; the low-power twins have the same layout plus memories.
const AHB3: u32 = 1 | 1 << 4 | 1 << 5 | 1 << 12 | 1 << 14 | 1 << 16 | 1 << 19 | 1 << 21 | 1 << 24;
const AHB1: u32 = 1 | 1 << 1 | 1 << 5 | 1 << 9 | 1 << 25 | 1 << 26;
const AHB2: u32 = 1 | 1 << 2 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 9 | 1 << 11;
const AHB4: u32 = 0x7FF | 1 << 19 | 1 << 21;
const APB3: u32 = 1 << 3;
const APB1L: u32 = 0x3FF | 1 << 14 | 1 << 15 | 0x7F << 16 | 1 << 23 | 1 << 27 | 1 << 29 | 1 << 30 | 1 << 31;
const APB1H: u32 = 1 << 1 | 1 << 2 | 1 << 4 | 1 << 5 | 1 << 8;
const APB2: u32 = 0b11 | 0xF << 4 | 1 << 12 | 1 << 13 | 7 << 16 | 1 << 20 | 1 << 22 | 1 << 23 | 1 << 30;
const APB4: u32 =
    1 << 1 | 1 << 3 | 1 << 5 | 1 << 7 | 1 << 9 | 1 << 10 | 1 << 13 | 1 << 14 | 1 << 15 | 1 << 26 | 1 << 27;

/// FLASH, DTCM1, DTCM2, ITCM, AXI SRAM 1 to 3.
const LP_MEMORIES: u32 = 1 << 8 | 1 << 26 | 1 << 27 | 1 << 28 | 1 << 29 | 1 << 30 | 1 << 31;
/// One bit for each source: LSI, LSE, HSI, HSE, CSI, HSI48, three PLLs, LSE security, and HSE security, which cannot be off.
const CLOCK_INTERRUPTS: u32 = 0x7FF;
const CIFR_HSECSSF: u32 = 1 << 10;
const CKGAENR: u32 = 0xE003_FFFF;

/// All registers that the model knows.
pub const REGISTERS: &[Register] = &[
    Register::new(CR, "RCC_CR", 0x25 | CR_CPUCKRDY | CR_CDCKRDY, CR_WRITABLE)
        .with_read_only(CR_ALL_RDY | CR_HSIDIVF | CR_CPUCKRDY | CR_CDCKRDY),
    Register::new(0x04, "RCC_HSICFGR", 0x4000_0000, 0x7F << 24).with_read_only(0xFFF),
    Register::new(0x08, "RCC_CRRCR", 0, 0).with_read_only(0x3FF),
    Register::new(0x0C, "RCC_CSICFGR", 0x2000_0000, 0x3F << 24).with_read_only(0x1FF),
    Register::new(
        CFGR,
        "RCC_CFGR",
        0,
        CFGR_SW | CFGR_TIMPRE | CFGR_MCO1 | 0x3F << 8 | 3 << 6,
    )
    .with_read_only(CFGR_SWS),
    Register::new(CDCFGR1, "RCC_CDCFGR1", 0, 0xF7F),
    Register::new(CDCFGR2, "RCC_CDCFGR2", 0, 0x770),
    Register::new(SRDCFGR, "RCC_SRDCFGR", 0, 0x70),
    Register::new(PLLCKSELR, "RCC_PLLCKSELR", 0x0202_0200, 0x03F3_F3F3),
    Register::new(PLLCFGR, "RCC_PLLCFGR", 0x01FF_0000, 0x01FF_0FFF),
    Register::new(PLL1DIVR, "RCC_PLL1DIVR", 0x0101_0280, DIVR_MASK),
    Register::new(0x34, "RCC_PLL1FRACR", 0, FRAC_MASK),
    Register::new(PLL2DIVR, "RCC_PLL2DIVR", 0x0101_0280, DIVR_MASK),
    Register::new(0x3C, "RCC_PLL2FRACR", 0, FRAC_MASK),
    Register::new(PLL3DIVR, "RCC_PLL3DIVR", 0x0101_0280, DIVR_MASK),
    Register::new(0x44, "RCC_PLL3FRACR", 0, FRAC_MASK),
    Register::new(CDCCIPR, "RCC_CDCCIPR", 0, 3 | 3 << 4 | 1 << 16 | 3 << 28),
    Register::new(CDCCIP1R, "RCC_CDCCIP1R", 0, 0xB137_7FC7),
    Register::new(CDCCIP2R, "RCC_CDCCIP2R", 0, 0x70F0_333F),
    Register::new(SRDCCIPR, "RCC_SRDCCIPR", 0, 0x7803_FF07),
    Register::new(0x60, "RCC_CIER", 0, CLOCK_INTERRUPTS & !CIFR_HSECSSF),
    Register::new(0x64, "RCC_CIFR", 0, 0).with_read_only(CLOCK_INTERRUPTS),
    // Nothing to clear: no clock interrupt is modelled.
    Register::new(0x68, "RCC_CICR", 0, 0).with_read_only(CLOCK_INTERRUPTS),
    Register::new(BDCR, "RCC_BDCR", 0, 1 | 0xFC | 3 << 8 | 1 << 15 | BDCR_BDRST).with_read_only(BDCR_LSERDY),
    Register::new(CSR, "RCC_CSR", 0, CSR_LSION).with_read_only(CSR_LSIRDY),
    Register::new(AHB3RSTR, "RCC_AHB3RSTR", 0, AHB3),
    Register::new(0x80, "RCC_AHB1RSTR", 0, AHB1),
    Register::new(0x84, "RCC_AHB2RSTR", 0, AHB2),
    Register::new(0x88, "RCC_AHB4RSTR", 0, AHB4),
    Register::new(0x8C, "RCC_APB3RSTR", 0, APB3),
    Register::new(0x90, "RCC_APB1LRSTR", 0, APB1L),
    Register::new(0x94, "RCC_APB1HRSTR", 0, APB1H),
    Register::new(0x98, "RCC_APB2RSTR", 0, APB2),
    Register::new(APB4RSTR, "RCC_APB4RSTR", 0, APB4),
    // CubeMX writes ones to all of it; those without a meaning stay zero.
    Register::new(0xB0, "RCC_CKGAENR", 0, CKGAENR).with_read_only(!CKGAENR),
    Register::new(RSR, "RCC_RSR", RSR_POWER_ON, RSR_RMVF).with_read_only(!RSR_RMVF),
    Register::new(AHB3ENR, "RCC_AHB3ENR", 0, AHB3),
    Register::new(0x138, "RCC_AHB1ENR", 0, AHB1),
    Register::new(0x13C, "RCC_AHB2ENR", 0, AHB2 | 3 << 29),
    Register::new(0x140, "RCC_AHB4ENR", 0, AHB4 | 3 << 28),
    Register::new(0x144, "RCC_APB3ENR", 0, APB3 | 1 << 6),
    Register::new(0x148, "RCC_APB1LENR", 0, APB1L),
    Register::new(0x14C, "RCC_APB1HENR", 0, APB1H),
    Register::new(0x150, "RCC_APB2ENR", 0, APB2),
    Register::new(APB4ENR, "RCC_APB4ENR", 0x0001_0000, APB4 | 1 << 16),
    // What keeps its clock while the core sleeps: all, after reset. The memories' bits of AHB3LPENR are those of RM0455 8.7.49.
    Register::new(0x15C, "RCC_AHB3LPENR", AHB3 | LP_MEMORIES, AHB3 | LP_MEMORIES),
    Register::new(0x160, "RCC_AHB1LPENR", AHB1, AHB1),
    Register::new(0x164, "RCC_AHB2LPENR", AHB2 | 3 << 29, AHB2 | 3 << 29),
    Register::new(0x168, "RCC_AHB4LPENR", AHB4 | 3 << 28, AHB4 | 3 << 28),
    Register::new(0x16C, "RCC_APB3LPENR", APB3 | 1 << 6, APB3 | 1 << 6),
    Register::new(0x170, "RCC_APB1LLPENR", APB1L, APB1L),
    Register::new(0x174, "RCC_APB1HLPENR", APB1H, APB1H),
    Register::new(0x178, "RCC_APB2LPENR", APB2, APB2),
    Register::new(0x17C, "RCC_APB4LPENR", APB4 | 1 << 16, APB4 | 1 << 16),
];

/// The manual's name of the register at `offset`.
pub fn register_name(offset: u32) -> &'static str {
    REGISTERS
        .iter()
        .find(|r| r.offset == offset)
        .map_or("RCC register", |r| r.name)
}
