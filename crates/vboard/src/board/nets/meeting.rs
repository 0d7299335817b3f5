//! What comes of all that drives one net.

use boardfile::Pin;
use chipmodel::bus::pad::{Drive, SUPPLY_MV};

/// Two strong parties that are further apart than this fight.
const CONTENTION_MV: u32 = 1000;

/// What all parties together are.
#[derive(Clone, Copy)]
pub struct Met {
    pub millivolts: u32,
    pub ohms: u64,
}

/// Where the currents of all parties cancel, and what lies between that and them.
pub fn meet(drives: &[Drive]) -> Option<Met> {
    /// Conductance is counted in nanosiemens.
    const NANO: u64 = 1_000_000_000;
    let (mut current, mut conductance) = (0u64, 0u64);
    for drive in drives {
        let siemens = (NANO / u64::from(drive.ohms.max(1))).max(1);
        conductance += siemens;
        current += siemens * u64::from(drive.millivolts);
    }
    (conductance > 0).then(|| Met {
        millivolts: ((current + conductance / 2) / conductance) as u32,
        ohms: NANO / conductance,
    })
}

/// The strongest disagreement between two strong parties, in words.
pub fn fighters(parties: &[(Drive, Option<(&str, &str)>)], pin: Pin) -> Option<String> {
    let strong = || parties.iter().filter(|(drive, _)| drive.is_strong());
    let low = strong().min_by_key(|(drive, _)| drive.millivolts)?;
    let high = strong().max_by_key(|(drive, _)| drive.millivolts)?;
    let apart = high.0.millivolts - low.0.millivolts;
    let name = |party: &Option<(&str, &str)>| match party {
        Some((part, pin)) => format!("{part}.{pin}"),
        None => "the chip".to_owned(),
    };
    (apart > CONTENTION_MV).then(|| {
        format!(
            "contention on the net of {pin}: {} drives {} mV, {} drives {} mV",
            name(&high.1),
            high.0.millivolts,
            name(&low.1),
            low.0.millivolts
        )
    })
}

/// The level that an input reads (DS13195, I/O static characteristics: below 0.3 of the supply low, above 0.7 high);
/// between the thresholds it stays as it was. A net that floats reads low.
pub fn level(millivolts: Option<u32>, before: bool) -> bool {
    match millivolts {
        None => false,
        Some(mv) if 10 * mv <= 3 * SUPPLY_MV => false,
        Some(mv) if 10 * mv >= 7 * SUPPLY_MV => true,
        Some(_) => before,
    }
}
