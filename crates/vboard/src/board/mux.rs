//! What the alternate functions of the package's pins are: which signal of which peripheral a number selects.
//!
//! Typed by hand in the order of the data sheet's tables (DS13195, alternate functions of ports A to E), for the signals of
//! timers, serial ports, SPI, I2C, CAN, SD cards, memory, camera, clock outputs and USB. NOT here: complementary break
//! inputs from comparators, LPTIM, SAI, I2S names, DFSDM, LTDC, FMC, PSSI, SWPMI, MDIOS, ULPI, trace and the debug pins. The
//! firmware has a table of its own, from the chip's metadata; of the rows here none differs from it.

use boardfile::Pin;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A row: the pin, then number and signal, over and over.
const ROWS: &[&str] = &[
    "PA0 1 TIM2_CH1 2 TIM5_CH1 3 TIM8_ETR 4 TIM15_BKIN 5 SPI6_NSS 7 USART2_CTS 8 UART4_TX 9 SDMMC2_CMD",
    "PA1 1 TIM2_CH2 2 TIM5_CH2 4 TIM15_CH1N 7 USART2_RTS 8 UART4_RX 9 OCTOSPIM_P1_IO3 11 OCTOSPIM_P1_DQS",
    "PA2 1 TIM2_CH3 2 TIM5_CH3 4 TIM15_CH1 7 USART2_TX",
    "PA3 1 TIM2_CH4 2 TIM5_CH4 3 OCTOSPIM_P1_CLK 4 TIM15_CH2 7 USART2_RX",
    "PA4 5 SPI1_NSS 6 SPI3_NSS 7 USART2_CK 8 SPI6_NSS 13 DCMI_HSYNC",
    "PA5 1 TIM2_CH1 3 TIM8_CH1N 5 SPI1_SCK 8 SPI6_SCK",
    "PA6 1 TIM1_BKIN 2 TIM3_CH1 3 TIM8_BKIN 5 SPI1_MISO 6 OCTOSPIM_P1_IO3 8 SPI6_MISO 9 TIM13_CH1 13 DCMI_PIXCLK",
    "PA7 1 TIM1_CH1N 2 TIM3_CH2 3 TIM8_CH1N 5 SPI1_MOSI 8 SPI6_MOSI 9 TIM14_CH1 10 OCTOSPIM_P1_IO2",
    "PA8 0 RCC_MCO_1 1 TIM1_CH1 3 TIM8_BKIN2 4 I2C3_SCL 7 USART1_CK 11 UART7_RX",
    "PA9 1 TIM1_CH2 3 LPUART1_TX 4 I2C3_SMBA 5 SPI2_SCK 7 USART1_TX 13 DCMI_D0",
    "PA10 1 TIM1_CH3 3 LPUART1_RX 7 USART1_RX 10 USB_OTG_HS_ID 13 DCMI_D1",
    "PA11 1 TIM1_CH4 3 LPUART1_CTS 5 SPI2_NSS 6 UART4_RX 7 USART1_CTS 9 FDCAN1_RX",
    "PA12 1 TIM1_ETR 3 LPUART1_RTS 5 SPI2_SCK 6 UART4_TX 7 USART1_RTS 9 FDCAN1_TX",
    "PA15 1 TIM2_CH1 5 SPI1_NSS 6 SPI3_NSS 7 SPI6_NSS 8 UART4_RTS 11 UART7_TX",
    "PB0 1 TIM1_CH2N 2 TIM3_CH3 3 TIM8_CH2N 8 UART4_CTS 11 OCTOSPIM_P1_IO1",
    "PB1 1 TIM1_CH3N 2 TIM3_CH4 3 TIM8_CH3N 11 OCTOSPIM_P1_IO0",
    "PB2 7 SPI3_MOSI 9 OCTOSPIM_P1_CLK 10 OCTOSPIM_P1_DQS",
    "PB3 1 TIM2_CH2 5 SPI1_SCK 6 SPI3_SCK 8 SPI6_SCK 9 SDMMC2_D2 11 UART7_RX",
    "PB4 1 TIM16_BKIN 2 TIM3_CH1 5 SPI1_MISO 6 SPI3_MISO 7 SPI2_NSS 8 SPI6_MISO 9 SDMMC2_D3 11 UART7_TX",
    "PB5 1 TIM17_BKIN 2 TIM3_CH2 4 I2C1_SMBA 5 SPI1_MOSI 6 I2C4_SMBA 7 SPI3_MOSI 8 SPI6_MOSI 9 FDCAN2_RX 13 DCMI_D10 14 UART5_RX",
    "PB6 1 TIM16_CH1N 2 TIM4_CH1 4 I2C1_SCL 6 I2C4_SCL 7 USART1_TX 8 LPUART1_TX 9 FDCAN2_TX 10 OCTOSPIM_P1_NCS 13 DCMI_D5 14 UART5_TX",
    "PB7 1 TIM17_CH1N 2 TIM4_CH2 4 I2C1_SDA 6 I2C4_SDA 7 USART1_RX 8 LPUART1_RX 13 DCMI_VSYNC",
    "PB8 1 TIM16_CH1 2 TIM4_CH3 4 I2C1_SCL 6 I2C4_SCL 7 SDMMC1_CKIN 8 UART4_RX 9 FDCAN1_RX 10 SDMMC2_D4 12 SDMMC1_D4 13 DCMI_D6",
    "PB9 1 TIM17_CH1 2 TIM4_CH4 4 I2C1_SDA 5 SPI2_NSS 6 I2C4_SDA 7 SDMMC1_CDIR 8 UART4_TX 9 FDCAN1_TX 10 SDMMC2_D5 12 SDMMC1_D5 13 DCMI_D7",
    "PB10 1 TIM2_CH3 4 I2C2_SCL 5 SPI2_SCK 7 USART3_TX 9 OCTOSPIM_P1_NCS",
    "PB11 1 TIM2_CH4 4 I2C2_SDA 7 USART3_RX",
    "PB12 1 TIM1_BKIN 4 I2C2_SMBA 5 SPI2_NSS 7 USART3_CK 9 FDCAN2_RX 14 UART5_RX",
    "PB13 1 TIM1_CH1N 5 SPI2_SCK 7 USART3_CTS 9 FDCAN2_TX 12 SDMMC1_D0 13 DCMI_D2 14 UART5_TX",
    "PB14 1 TIM1_CH2N 2 TIM12_CH1 3 TIM8_CH2N 4 USART1_TX 5 SPI2_MISO 7 USART3_RTS 8 UART4_RTS 9 SDMMC2_D0",
    "PB15 1 TIM1_CH3N 2 TIM12_CH2 3 TIM8_CH3N 4 USART1_RX 5 SPI2_MOSI 8 UART4_CTS 9 SDMMC2_D1",
    "PC1 5 SPI2_MOSI 9 SDMMC2_CK 10 OCTOSPIM_P1_IO4",
    "PC2 5 SPI2_MISO 9 OCTOSPIM_P1_IO2",
    "PC3 5 SPI2_MOSI 9 OCTOSPIM_P1_IO0",
    "PC5 10 OCTOSPIM_P1_DQS",
    "PC6 2 TIM3_CH1 3 TIM8_CH1 7 USART6_TX 8 SDMMC1_D0DIR 10 SDMMC2_D6 12 SDMMC1_D6 13 DCMI_D0",
    "PC7 2 TIM3_CH2 3 TIM8_CH2 7 USART6_RX 8 SDMMC1_D123DIR 10 SDMMC2_D7 12 SDMMC1_D7 13 DCMI_D1",
    "PC8 2 TIM3_CH3 3 TIM8_CH3 7 USART6_CK 8 UART5_RTS 12 SDMMC1_D0 13 DCMI_D2",
    "PC9 0 RCC_MCO_2 2 TIM3_CH4 3 TIM8_CH4 4 I2C3_SDA 8 UART5_CTS 9 OCTOSPIM_P1_IO0 12 SDMMC1_D1 13 DCMI_D3",
    "PC10 6 SPI3_SCK 7 USART3_TX 8 UART4_TX 9 OCTOSPIM_P1_IO1 12 SDMMC1_D2 13 DCMI_D8",
    "PC11 6 SPI3_MISO 7 USART3_RX 8 UART4_RX 9 OCTOSPIM_P1_NCS 12 SDMMC1_D3 13 DCMI_D4",
    "PC12 2 TIM15_CH1 5 SPI6_SCK 6 SPI3_MOSI 7 USART3_CK 8 UART5_TX 12 SDMMC1_CK 13 DCMI_D9",
    "PD0 8 UART4_RX 9 FDCAN1_RX 11 UART9_CTS",
    "PD1 8 UART4_TX 9 FDCAN1_TX",
    "PD2 2 TIM3_ETR 4 TIM15_BKIN 8 UART5_RX 12 SDMMC1_CMD 13 DCMI_D11",
    "PD3 5 SPI2_SCK 7 USART2_CTS 13 DCMI_D5",
    "PD4 7 USART2_RTS 10 OCTOSPIM_P1_IO4",
    "PD5 7 USART2_TX 10 OCTOSPIM_P1_IO5",
    "PD6 5 SPI3_MOSI 7 USART2_RX 10 OCTOSPIM_P1_IO6 11 SDMMC2_CK 13 DCMI_D10",
    "PD7 5 SPI1_MOSI 7 USART2_CK 10 OCTOSPIM_P1_IO7 11 SDMMC2_CMD",
    "PD8 7 USART3_TX",
    "PD9 7 USART3_RX",
    "PD10 7 USART3_CK",
    "PD11 4 I2C4_SMBA 7 USART3_CTS 9 OCTOSPIM_P1_IO0",
    "PD12 2 TIM4_CH1 4 I2C4_SCL 7 USART3_RTS 9 OCTOSPIM_P1_IO1 13 DCMI_D12",
    "PD13 2 TIM4_CH2 4 I2C4_SDA 9 OCTOSPIM_P1_IO3 13 DCMI_D13",
    "PD14 2 TIM4_CH3 8 UART8_CTS 11 UART9_RX",
    "PD15 2 TIM4_CH4 8 UART8_RTS 11 UART9_TX",
    "PE0 2 TIM4_ETR 8 UART8_RX 13 DCMI_D2",
    "PE1 8 UART8_TX 13 DCMI_D3",
    "PE2 5 SPI4_SCK 9 OCTOSPIM_P1_IO2 11 USART10_RX",
    "PE3 4 TIM15_BKIN 11 USART10_TX",
    "PE4 4 TIM15_CH1N 5 SPI4_NSS 13 DCMI_D4",
    "PE5 4 TIM15_CH1 5 SPI4_MISO 13 DCMI_D6",
    "PE6 1 TIM1_BKIN2 4 TIM15_CH2 5 SPI4_MOSI 13 DCMI_D7",
    "PE7 1 TIM1_ETR 7 UART7_RX 10 OCTOSPIM_P1_IO4",
    "PE8 1 TIM1_CH1N 7 UART7_TX 10 OCTOSPIM_P1_IO5",
    "PE9 1 TIM1_CH1 7 UART7_RTS 10 OCTOSPIM_P1_IO6",
    "PE10 1 TIM1_CH2N 7 UART7_CTS 10 OCTOSPIM_P1_IO7",
    "PE11 1 TIM1_CH2 5 SPI4_NSS 11 OCTOSPIM_P1_NCS",
    "PE12 1 TIM1_CH3N 5 SPI4_SCK",
    "PE13 1 TIM1_CH3 5 SPI4_MISO",
    "PE14 1 TIM1_CH4 5 SPI4_MOSI",
    "PE15 1 TIM1_BKIN 11 USART10_CK",
];

/// A peripheral and its signal.
pub type Signal = (&'static str, &'static str);
/// Analogue inputs: pin and channel, which are the same for the converters named after them.
const ANALOG: &[(&str, u8, &[&str])] = &[
    ("PA0", 16, &["ADC1"]),
    ("PA1", 17, &["ADC1"]),
    ("PA2", 14, &["ADC1"]),
    ("PA3", 15, &["ADC1"]),
    ("PA4", 18, &["ADC1"]),
    ("PA5", 19, &["ADC1"]),
    ("PA6", 3, &["ADC1", "ADC2"]),
    ("PA7", 7, &["ADC1", "ADC2"]),
    ("PB0", 9, &["ADC1", "ADC2"]),
    ("PB1", 5, &["ADC1", "ADC2"]),
    ("PC0", 10, &["ADC1", "ADC2"]),
    ("PC1", 11, &["ADC1", "ADC2"]),
    ("PC4", 4, &["ADC1", "ADC2"]),
    ("PC5", 8, &["ADC1", "ADC2"]),
];

/// The pin of an analogue input, `INP3` of `ADC1` for one.
pub fn analog(peripheral: &str, channel: u8) -> Option<Pin> {
    let mut rows = ANALOG.iter();
    let row = rows.find(|(_, number, converters)| *number == channel && converters.contains(&peripheral));
    row.and_then(|(pin, ..)| pin.parse().ok())
}

/// The pins of analogue outputs: peripheral, channel from 0 (DS13195, pin definitions).
const ANALOG_OUTPUTS: [(&str, u8, Pin); 3] = [
    ("DAC1", 0, Pin { port: 0, number: 4 }),
    ("DAC1", 1, Pin { port: 0, number: 5 }),
    ("DAC2", 0, Pin { port: 0, number: 6 }),
];

/// The pins that an analogue output of this peripheral leads to.
pub fn analog_outputs(peripheral: &str) -> impl Iterator<Item = Pin> {
    let own = ANALOG_OUTPUTS.iter().filter(move |(of, ..)| *of == peripheral);
    own.map(|(.., pin)| *pin)
}

/// The analogue output that leads to a pin, and its channel.
pub fn analog_output(pin: Pin) -> Option<(&'static str, u8)> {
    let found = ANALOG_OUTPUTS.iter().find(|(.., at)| *at == pin);
    found.map(|(of, channel, _)| (*of, *channel))
}

type Table = BTreeMap<(Pin, u8), Signal>;

static TABLE: LazyLock<Table> = LazyLock::new(|| ROWS.iter().flat_map(|row| parse(row)).collect());

/// A signal's name begins with its peripheral's; those with an underscore in theirs stand here.
const WITH_UNDERSCORE: &str = "USB_OTG_HS";

fn parse(row: &'static str) -> Vec<((Pin, u8), Signal)> {
    let mut words = row.split(' ');
    let pin = words.next().and_then(|pin| pin.parse().ok());
    let pin: Pin = pin.expect("a row begins with a pin of the package");
    let mut entries = Vec::new();
    while let (Some(number), Some(signal)) = (words.next(), words.next()) {
        let number = number.parse().expect("a number");
        let split = match signal.strip_prefix(WITH_UNDERSCORE) {
            Some(rest) => Some((WITH_UNDERSCORE, &rest[1..])),
            None => signal.split_once('_'),
        };
        entries.push(((pin, number), split.expect("PERIPHERAL_SIGNAL")));
    }
    entries
}

/// The peripheral and its signal that alternate function `number` puts on `pin`; `None` if it is not in the table.
pub fn signal(pin: Pin, number: u8) -> Option<Signal> {
    TABLE.get(&(pin, number)).copied()
}

/// The alternate function that puts this signal on `pin`.
pub fn function(pin: Pin, peripheral: &str, signal: &str) -> Option<u8> {
    let of_pin = TABLE.range((pin, 0)..=(pin, u8::MAX));
    let mut matching = of_pin.filter(|(_, found)| **found == (peripheral, signal));
    matching.next().map(|((_, number), _)| *number)
}

/// Every pin that the signal reaches.
pub fn pins(peripheral: &str, signal: &str) -> Vec<Pin> {
    let matching = TABLE.iter().filter(|(_, found)| **found == (peripheral, signal));
    matching.map(|((pin, _), _)| *pin).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_can_be_read_and_no_number_stands_twice() {
        let entries: usize = ROWS.iter().map(|row| parse(row).len()).sum();
        assert_eq!(TABLE.len(), entries);
        assert!(TABLE.keys().all(|(_, number)| *number < 16));
    }

    #[test]
    fn the_memory_reaches_port_1_by_the_pins_that_the_hardware_facts_name() {
        // Signal, pins with their numbers: the choice there is on the LQFP100.
        let table: [(&str, &[(&str, u8)]); 7] = [
            ("P1_CLK", &[("PA3", 3), ("PB2", 9)]),
            ("P1_NCS", &[("PB6", 10), ("PB10", 9), ("PC11", 9), ("PE11", 11)]),
            ("P1_IO0", &[("PB1", 11), ("PC3", 9), ("PC9", 9), ("PD11", 9)]),
            ("P1_IO1", &[("PB0", 11), ("PC10", 9), ("PD12", 9)]),
            ("P1_IO2", &[("PA7", 10), ("PC2", 9), ("PE2", 9)]),
            ("P1_IO3", &[("PA1", 9), ("PA6", 6), ("PD13", 9)]),
            ("P1_DQS", &[("PA1", 11), ("PB2", 10), ("PC5", 10)]),
        ];
        for (name, expected) in table {
            let found = pins("OCTOSPIM", name);
            let found: Vec<(String, u8)> = found
                .into_iter()
                .map(|pin| (pin.to_string(), function(pin, "OCTOSPIM", name).unwrap()))
                .collect();
            let expected: Vec<(String, u8)> =
                expected.iter().map(|(pin, n)| ((*pin).to_owned(), *n)).collect();
            assert_eq!(found, expected, "{name}");
        }
    }

    #[test]
    fn analogue_inputs_are_pins_of_the_package() {
        assert!(ANALOG.iter().all(|(pin, ..)| pin.parse::<Pin>().is_ok()));
        assert_eq!(analog("ADC2", 3), "PA6".parse().ok());
        assert_eq!(analog("ADC2", 16), None);
    }

    #[test]
    fn a_number_that_selects_nothing_here_has_no_signal() {
        let pin = |name: &str| name.parse::<Pin>().unwrap();
        assert_eq!(signal(pin("PA2"), 7), Some(("USART2", "TX")));
        assert_eq!(signal(pin("PA10"), 10), Some(("USB_OTG_HS", "ID")));
        assert_eq!(signal(pin("PA2"), 9), None);
        assert_eq!(function(pin("PA2"), "USART2", "RX"), None);
    }
}
