//! The alternate functions that were typed in from the data sheet, against the chip's metadata, which the firmware's table is
//! made of. Each side keeps a table of its own; this is the one place that sees both.

use stm32_metapac::metadata::METADATA;
use vboard::board::mux;

/// Whether the metadata has this signal of this peripheral on this pin, by this alternate function or by none.
fn is_known(pin: &str, peripheral: &str, signal: &str, function: Option<u8>) -> bool {
    let peripherals = METADATA
        .peripherals
        .iter()
        .filter(|other| other.name == peripheral);
    peripherals
        .flat_map(|peripheral| peripheral.pins)
        .any(|other| other.pin == pin && other.signal == signal && other.af == function)
}

#[test]
fn every_alternate_function_of_the_table_is_in_the_metadata() {
    let mut count = 0;
    for pin in boardfile::package() {
        for number in 0..16 {
            let Some((peripheral, signal)) = mux::signal(pin, number) else {
                continue;
            };
            count += 1;
            assert!(
                is_known(&pin.to_string(), peripheral, signal, Some(number)),
                "{pin}: {number} is not {peripheral} {signal}"
            );
        }
    }
    assert!(count > 300, "only {count} rows were compared");
}

#[test]
fn analogue_inputs_of_the_package_are_the_same_in_both() {
    for converter in ["ADC1", "ADC2"] {
        for channel in 0..20 {
            let signal = format!("INP{channel}");
            let of_metadata: Vec<String> = boardfile::package()
                .map(|pin| pin.to_string())
                .filter(|pin| is_known(pin, converter, &signal, None))
                .collect();
            let of_table: Vec<String> = mux::analog(converter, channel)
                .map(|pin| pin.to_string())
                .into_iter()
                .collect();
            assert_eq!(of_table, of_metadata, "{converter} {signal}");
        }
    }
}
