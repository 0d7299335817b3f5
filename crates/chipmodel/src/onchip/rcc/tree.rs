//! The clock tree: from register values to hertz (RM0455 8.5).

use super::registers::*;
use crate::bus::bank::Bank;
use crate::{Clocks, Kernel};

const HSI_HZ: u32 = 64_000_000;
const CSI_HZ: u32 = 4_000_000;
const HSI48_HZ: u32 = 48_000_000;
/// Typical, at 3 V and 25 degrees (DS13195, LSI characteristics).
const LSI_HZ: u32 = 32_000;

/// Where PLLx has its DIVM in PLLCKSELR.
fn divm_mask(n: usize) -> u32 {
    0x3F << (4 + 8 * n)
}

/// Bits of PLLCKSELR or a PLLxDIVR that cannot change while these PLLs are on.
pub fn locked_by_plls(offset: u32, cr: u32) -> u32 {
    let is_on = |n: usize| cr & CR_PLLON[n] != 0;
    match offset {
        PLLCKSELR => {
            let source = if (0..3).any(is_on) { PLLCKSELR_SRC } else { 0 };
            (0..3)
                .filter(|&n| is_on(n))
                .fold(source, |locked, n| locked | divm_mask(n))
        }
        _ if is_on(((offset - PLL1DIVR) / 8) as usize) => u32::MAX,
        _ => 0,
    }
}

/// The clocks that these registers give with these crystals.
pub fn compute(bank: &Bank, hse_hz: u32, lse_hz: u32) -> Clocks {
    let tree = Tree { bank, hse_hz, lse_hz };
    let cdcfgr1 = bank.get(CDCFGR1);
    let cdcfgr2 = bank.get(CDCFGR2);
    let cpu_hz = tree.sysclk_hz() / ahb_divider(cdcfgr1 >> 8);
    let hclk_hz = cpu_hz / ahb_divider(cdcfgr1);
    let pclk1_hz = hclk_hz / apb_divider(cdcfgr2 >> 4);
    let pclk2_hz = hclk_hz / apb_divider(cdcfgr2 >> 8);
    let timpre = bank.get(CFGR) & CFGR_TIMPRE != 0;
    let muxes = bank.get(CDCCIP2R);
    Clocks::of(&[
        (Kernel::Cpu, cpu_hz),
        (Kernel::Hclk, hclk_hz),
        (Kernel::Pclk1, pclk1_hz),
        (Kernel::Pclk2, pclk2_hz),
        (Kernel::Pclk3, hclk_hz / apb_divider(cdcfgr1 >> 4)),
        (Kernel::Pclk4, hclk_hz / apb_divider(bank.get(SRDCFGR) >> 4)),
        (
            Kernel::Timers1,
            timer_hz(hclk_hz, apb_divider(cdcfgr2 >> 4), timpre),
        ),
        (
            Kernel::Timers2,
            timer_hz(hclk_hz, apb_divider(cdcfgr2 >> 8), timpre),
        ),
        (Kernel::Adc, tree.adc_hz()),
        (Kernel::Octospi, tree.octospi_hz(hclk_hz)),
        (Kernel::Usart16, tree.usart_hz(muxes >> 3, pclk2_hz)),
        (Kernel::Usart234578, tree.usart_hz(muxes, pclk1_hz)),
        (Kernel::I2c123, tree.i2c_hz(muxes >> 12, pclk1_hz)),
        (
            Kernel::I2c4,
            tree.i2c_hz(
                bank.get(SRDCCIPR) >> 8,
                hclk_hz / apb_divider(bank.get(SRDCFGR) >> 4),
            ),
        ),
        (Kernel::Spi123, tree.spi123_hz()),
        (Kernel::Spi45, tree.spi_hz(bank.get(CDCCIP1R) >> 16, pclk2_hz)),
        (
            Kernel::Spi6,
            tree.spi_hz(
                bank.get(SRDCCIPR) >> 28,
                hclk_hz / apb_divider(bank.get(SRDCFGR) >> 4),
            ),
        ),
        (Kernel::Fdcan, tree.fdcan_hz()),
        (Kernel::Usb, tree.usb_hz()),
        (Kernel::Sdmmc, tree.sdmmc_hz()),
        (Kernel::Rtc, tree.rtc_hz()),
        (Kernel::Mco1, tree.mco1_hz()),
    ])
}

/// CR bits of the oscillators that the system clock needs, so that hardware keeps them on.
pub fn oscillators_in_use(bank: &Bank) -> u32 {
    match bank.get(CFGR) >> 3 & 7 {
        0 => CR_HSION,
        1 => CR_CSION,
        2 => CR_HSEON,
        _ => {
            CR_PLLON[0]
                | match bank.get(PLLCKSELR) & PLLCKSELR_SRC {
                    0 => CR_HSION,
                    1 => CR_CSION,
                    _ => CR_HSEON,
                }
        }
    }
}

/// Whether the oscillator that feeds the PLLs is ready in this value of CR.
pub fn pll_input_runs(cr: u32, bank: &Bank) -> bool {
    match bank.get(PLLCKSELR) & PLLCKSELR_SRC {
        0 => cr & CR_HSIRDY != 0,
        1 => cr & CR_CSIRDY != 0,
        2 => cr & CR_HSERDY != 0,
        _ => false,
    }
}

/// The rules that a PLL breaks when it is switched on now (RM0455 8.5.5 and 8.7.10 to 8.7.12).
pub fn pll_complaints(bank: &Bank, n: usize, hse_hz: u32) -> Vec<String> {
    let tree = Tree {
        bank,
        hse_hz,
        lse_hz: 0,
    };
    let pll = n + 1;
    let reference_hz = tree.pll_reference_hz(n);
    if reference_hz == 0 {
        return vec![format!(
            "PLL{pll} switched on without a clock at its input (PLLSRC, DIVM{pll} or the oscillator)"
        )];
    }
    let mut complaints = Vec::new();
    let cfg = bank.get(PLLCFGR) >> (4 * n);
    let (low_hz, high_hz) = [(1, 2), (2, 4), (4, 8), (8, 16)][(cfg >> 2 & 3) as usize];
    let (low_hz, high_hz) = (low_hz * 1_000_000, high_hz * 1_000_000);
    if !(low_hz..=high_hz).contains(&reference_hz) {
        complaints.push(format!(
            "PLL{pll} input is {reference_hz} Hz, but PLL{pll}RGE allows {low_hz} to {high_hz} Hz (RM0455 8.7.11)"
        ));
    }
    let vco_hz = tree.vco_hz(n);
    let medium = cfg & 2 != 0;
    let (low_hz, high_hz) = if medium {
        (150_000_000, 420_000_000)
    } else {
        (128_000_000, 560_000_000)
    };
    if !(low_hz..=high_hz).contains(&vco_hz) {
        complaints.push(format!(
            "PLL{pll} VCO would run at {vco_hz} Hz, outside {low_hz} to {high_hz} Hz (DS13195, PLL characteristics)"
        ));
    }
    if !medium && reference_hz < 2_000_000 {
        complaints.push(format!(
            "PLL{pll}: the wide VCO range needs an input of 2 MHz or more, found {reference_hz} Hz"
        ));
    }
    if n == 0 && bank.get(PLL1DIVR) >> 9 & 1 == 0 {
        complaints.push("PLL1DIVR: DIVP1 must divide by an even number (RM0455 8.7.12)".into());
    }
    complaints
}

#[derive(Clone, Copy)]
enum Output {
    P,
    Q,
    R,
}

struct Tree<'a> {
    bank: &'a Bank,
    hse_hz: u32,
    lse_hz: u32,
}

impl Tree<'_> {
    fn is_ready(&self, flag: u32) -> bool {
        self.bank.get(CR) & flag != 0
    }

    fn hsi_hz(&self) -> u32 {
        if self.is_ready(CR_HSIRDY) {
            HSI_HZ >> (self.bank.get(CR) >> 3 & 3)
        } else {
            0
        }
    }

    fn csi_hz(&self) -> u32 {
        if self.is_ready(CR_CSIRDY) { CSI_HZ } else { 0 }
    }

    fn hse_hz(&self) -> u32 {
        if self.is_ready(CR_HSERDY) { self.hse_hz } else { 0 }
    }

    fn adc_hz(&self) -> u32 {
        match self.bank.get(SRDCCIPR) >> 16 & 3 {
            0 => self.pll_hz(1, Output::P),
            1 => self.pll_hz(2, Output::R),
            2 => self.per_hz(),
            _ => 0,
        }
    }

    fn octospi_hz(&self, hclk_hz: u32) -> u32 {
        match self.bank.get(CDCCIPR) >> 4 & 3 {
            0 => hclk_hz,
            1 => self.pll_hz(0, Output::Q),
            2 => self.pll_hz(1, Output::R),
            _ => self.per_hz(),
        }
    }

    fn spi123_hz(&self) -> u32 {
        match self.bank.get(CDCCIP1R) >> 12 & 7 {
            0 => self.pll_hz(0, Output::Q),
            1 => self.pll_hz(1, Output::P),
            2 => self.pll_hz(2, Output::P),
            4 => self.per_hz(),
            // 3 is a pin, I2S_CKIN.
            _ => 0,
        }
    }

    fn fdcan_hz(&self) -> u32 {
        match self.bank.get(CDCCIP1R) >> 28 & 3 {
            0 => self.hse_hz(),
            1 => self.pll_hz(0, Output::Q),
            2 => self.pll_hz(1, Output::Q),
            _ => 0,
        }
    }

    fn sysclk_hz(&self) -> u32 {
        match self.bank.get(CFGR) >> 3 & 7 {
            0 => self.hsi_hz(),
            1 => self.csi_hz(),
            2 => self.hse_hz(),
            _ => self.pll_hz(0, Output::P),
        }
    }

    /// The clock of the peripherals (CKPERSEL).
    fn per_hz(&self) -> u32 {
        match self.bank.get(CDCCIPR) >> 28 & 3 {
            0 => self.hsi_hz(),
            1 => self.csi_hz(),
            2 => self.hse_hz(),
            _ => 0,
        }
    }

    fn usb_hz(&self) -> u32 {
        match self.bank.get(CDCCIP2R) >> 20 & 3 {
            1 => self.pll_hz(0, Output::Q),
            2 => self.pll_hz(2, Output::Q),
            3 if self.bank.get(CR) & CR_HSI48RDY != 0 => HSI48_HZ,
            _ => 0,
        }
    }

    fn sdmmc_hz(&self) -> u32 {
        match self.bank.get(CDCCIPR) >> 16 & 1 {
            0 => self.pll_hz(0, Output::Q),
            _ => self.pll_hz(1, Output::R),
        }
    }

    fn usart_hz(&self, select: u32, pclk_hz: u32) -> u32 {
        match select & 7 {
            0 => pclk_hz,
            1 => self.pll_hz(1, Output::Q),
            2 => self.pll_hz(2, Output::Q),
            3 => self.hsi_hz(),
            4 => self.csi_hz(),
            5 if self.bank.get(BDCR) & BDCR_LSERDY != 0 => self.lse_hz,
            _ => 0,
        }
    }

    /// SPI45SEL and SPI6SEL (RM0455 8.7.15, 8.7.17).
    fn spi_hz(&self, select: u32, pclk_hz: u32) -> u32 {
        match select & 7 {
            0 => pclk_hz,
            1 => self.pll_hz(1, Output::Q),
            2 => self.pll_hz(2, Output::Q),
            3 => self.hsi_hz(),
            4 => self.csi_hz(),
            5 => self.hse_hz(),
            _ => 0,
        }
    }

    /// I2C123SEL and I2C4SEL (RM0455 8.7.16, 8.7.17).
    fn i2c_hz(&self, select: u32, pclk_hz: u32) -> u32 {
        match select & 3 {
            0 => pclk_hz,
            1 => self.pll_hz(2, Output::R),
            2 => self.hsi_hz(),
            _ => self.csi_hz(),
        }
    }

    /// MCO1SEL and MCO1PRE, which at 0 lets nothing out (RM0455 8.7.6).
    fn mco1_hz(&self) -> u32 {
        let cfgr = self.bank.get(CFGR);
        let source_hz = match cfgr >> 22 & 7 {
            0 => self.hsi_hz(),
            1 if self.bank.get(BDCR) & BDCR_LSERDY != 0 => self.lse_hz,
            2 => self.hse_hz(),
            3 => self.pll_hz(0, Output::Q),
            4 if self.bank.get(CR) & CR_HSI48RDY != 0 => HSI48_HZ,
            _ => 0,
        };
        source_hz.checked_div(cfgr >> 18 & 15).unwrap_or(0)
    }

    /// RTCSEL (RM0455 8.7.20); the main crystal goes through CFGR.RTCPRE.
    fn rtc_hz(&self) -> u32 {
        let bdcr = self.bank.get(BDCR);
        if bdcr & BDCR_RTCEN == 0 {
            return 0;
        }
        match (bdcr & BDCR_RTCSEL) >> 8 {
            1 if bdcr & BDCR_LSERDY != 0 => self.lse_hz,
            2 if self.bank.get(CSR) & CSR_LSIRDY != 0 => LSI_HZ,
            3 => self
                .hse_hz()
                .checked_div(self.bank.get(CFGR) >> 8 & 0x3F)
                .unwrap_or(0),
            _ => 0,
        }
    }

    fn pll_reference_hz(&self, n: usize) -> u32 {
        let select = self.bank.get(PLLCKSELR);
        let input_hz = match select & PLLCKSELR_SRC {
            0 => self.hsi_hz(),
            1 => self.csi_hz(),
            2 => self.hse_hz(),
            _ => 0,
        };
        let divm = (select & divm_mask(n)) >> (4 + 8 * n);
        input_hz.checked_div(divm).unwrap_or(0)
    }

    fn vco_hz(&self, n: usize) -> u32 {
        let divr = PLL1DIVR + 8 * n as u32;
        let multiplier = u64::from(self.bank.get(divr) & 0x1FF) + 1;
        let fractional = self.bank.get(PLLCFGR) >> (4 * n) & 1 != 0;
        let fraction = if fractional {
            u64::from(self.bank.get(divr + 4) >> 3)
        } else {
            0
        };
        let reference_hz = u64::from(self.pll_reference_hz(n));
        (reference_hz * (multiplier * 8192 + fraction) / 8192).min(u64::from(u32::MAX)) as u32
    }

    fn pll_hz(&self, n: usize, output: Output) -> u32 {
        let (enable, shift) = match output {
            Output::P => (16, 9),
            Output::Q => (17, 16),
            Output::R => (18, 24),
        };
        let enabled = self.bank.get(PLLCFGR) >> (enable + 3 * n) & 1 != 0;
        if !self.is_ready(CR_PLLRDY[n]) || !enabled {
            return 0;
        }
        let divr = self.bank.get(PLL1DIVR + 8 * n as u32);
        self.vco_hz(n) / ((divr >> shift & 0x7F) + 1)
    }
}

/// CDCPRE and HPRE: 0xxx is 1, then 2, 4, 8, 16, 64, 128, 256, 512 (there is no 32).
fn ahb_divider(field: u32) -> u32 {
    match field & 15 {
        0..=7 => 1,
        n @ 8..=11 => 2 << (n - 8),
        n => 64 << (n - 12),
    }
}

/// CDPPRE and its kin: 0xx is 1, then 2, 4, 8, 16.
fn apb_divider(field: u32) -> u32 {
    match field & 7 {
        0..=3 => 1,
        n => 2 << (n - 4),
    }
}

/// Timers run at HCLK while the bus divider is small, else at 2 or 4 times the bus clock (RM0455 table 62).
fn timer_hz(hclk_hz: u32, apb_divider: u32, timpre: bool) -> u32 {
    let factor = if timpre { 4 } else { 2 };
    if apb_divider <= factor {
        hclk_hz
    } else {
        hclk_hz / apb_divider * factor
    }
}
