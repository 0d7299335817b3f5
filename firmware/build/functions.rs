//! What each pin of the package can do, from the chip's metadata (stm32-metapac, which is made from ST's own database).

use boardfile::{Board, Pin};
use stm32_metapac::metadata::METADATA;

/// One thing that a pin can do for a peripheral.
pub struct Function {
    pub pin: Pin,
    pub peripheral: &'static str,
    pub signal: &'static str,
    /// The alternate function number; `None` needs no number: analogue, or the pin belongs to the peripheral anyway.
    pub number: Option<u8>,
}

/// All functions of the package's pins, by pin.
pub fn all() -> Vec<Function> {
    let mut functions: Vec<Function> = METADATA
        .peripherals
        .iter()
        .flat_map(|peripheral| peripheral.pins.iter().map(move |pin| (peripheral.name, pin)))
        .filter_map(|(peripheral, row)| {
            Some(Function {
                pin: row.pin.parse().ok()?,
                peripheral,
                signal: row.signal,
                number: row.af,
            })
        })
        .collect();
    functions.sort_by_key(|f| (f.pin, f.number, f.peripheral, f.signal));
    functions
}

/// Does every pin reach the peripheral that the board file puts behind it?
pub fn check(board: &Board, functions: &[Function]) -> Result<(), String> {
    for net in boardfile::nets(board) {
        for joint in &net.joints {
            let Some((peripheral, signal)) = &joint.function else {
                continue;
            };
            let serves = |f: &&Function| f.peripheral == peripheral && f.signal == *signal;
            let reached: Vec<Pin> = functions.iter().filter(serves).map(|f| f.pin).collect();
            if !reached.contains(&net.pin) {
                let reached: Vec<String> = reached.iter().map(Pin::to_string).collect();
                let reached = if reached.is_empty() {
                    "which the chip does not have".to_owned()
                } else {
                    format!("which reaches {} and not this pin", reached.join(", "))
                };
                return Err(format!(
                    "{joint} is on {}, for {signal} of {peripheral}, {reached}",
                    net.pin
                ));
            }
        }
    }
    Ok(())
}

/// The Rust text of the table.
pub fn table(functions: &[Function]) -> String {
    let mut code = String::from(
        "/// What each pin of the package can do, from the chip's metadata.\npub static FUNCTIONS: &[Function] = &[\n",
    );
    for f in functions {
        let (port, number) = (f.pin.letter(), f.pin.number);
        let Function {
            peripheral,
            signal,
            number: af,
            ..
        } = f;
        code += &format!(
            "    Function {{ pin: pin({port:?}, {number}), peripheral: {peripheral:?}, signal: {signal:?}, number: {af:?} }},\n"
        );
    }
    code += "];\n";
    code
}
