//! What the clocks may be at a core voltage, and what the flash needs to keep up (RM0455 table 16, DS13195).

use chipmodel::onchip::pwr::Vos;
use chipmodel::{Clocks, Kernel, Kind};

/// Limits at one voltage scale.
struct Scale {
    hclk_max_hz: u32,
    pclk_max_hz: u32,
    /// One wait state for each started step.
    step_hz: u32,
}

const MHZ: u32 = 1_000_000;
const SCALES: [Scale; 4] = [
    Scale {
        hclk_max_hz: 280 * MHZ,
        pclk_max_hz: 140 * MHZ,
        step_hz: 42 * MHZ,
    },
    Scale {
        hclk_max_hz: 225 * MHZ,
        pclk_max_hz: 112_500_000,
        step_hz: 38 * MHZ,
    },
    Scale {
        hclk_max_hz: 160 * MHZ,
        pclk_max_hz: 80 * MHZ,
        step_hz: 34 * MHZ,
    },
    Scale {
        hclk_max_hz: 88 * MHZ,
        pclk_max_hz: 44 * MHZ,
        step_hz: 22 * MHZ,
    },
];

/// A limit that is not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// A broken rule, or what real chips were seen to bear.
    pub kind: Kind,
    /// One line for a person.
    pub message: String,
}

/// Every rule that these settings break.
pub fn broken(clocks: &Clocks, Vos(vos): Vos, latency: u32, wrhighfreq: u32) -> Vec<Complaint> {
    let Some(scale) = SCALES.get(usize::from(vos)) else {
        return vec![rule(format!("voltage scale {vos} does not exist"))];
    };
    let mut complaints = Vec::new();
    for (name, hz, max_hz) in [
        ("CPU", clocks.hz(Kernel::Cpu), scale.hclk_max_hz),
        ("HCLK", clocks.hz(Kernel::Hclk), scale.hclk_max_hz),
        ("PCLK1", clocks.hz(Kernel::Pclk1), scale.pclk_max_hz),
        ("PCLK2", clocks.hz(Kernel::Pclk2), scale.pclk_max_hz),
        ("PCLK3", clocks.hz(Kernel::Pclk3), scale.pclk_max_hz),
        ("PCLK4", clocks.hz(Kernel::Pclk4), scale.pclk_max_hz),
    ] {
        if hz > max_hz {
            complaints.push(rule(format!(
                "{name} runs at {hz} Hz, at VOS{vos} at most {max_hz} Hz (DS13195)"
            )));
        }
    }
    let needed = clocks.hz(Kernel::Hclk).div_ceil(scale.step_hz).saturating_sub(1);
    if latency < needed {
        complaints.push(rule(format!(
            "FLASH_ACR.LATENCY is {latency}, but HCLK at {} Hz and VOS{vos} needs {needed} wait states (RM0455 table 16)",
            clocks.hz(Kernel::Hclk)
        )));
    }
    let needed_delay = needed.min(6) / 2;
    if wrhighfreq < needed_delay {
        // It is the delay of programming; six images that ran on real boards have too little of it.
        complaints.push(Complaint {
            kind: Kind::Warning,
            message: format!(
                "FLASH_ACR.WRHIGHFREQ is {wrhighfreq}, but HCLK at {} Hz and VOS{vos} needs {needed_delay} (RM0455 table 16)",
                clocks.hz(Kernel::Hclk)
            ),
        });
    }
    complaints
}

fn rule(message: String) -> Complaint {
    Complaint {
        kind: Kind::Rule,
        message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hclk_mhz: u32) -> Clocks {
        let hclk_hz = hclk_mhz * MHZ;
        Clocks::of(&[
            (Kernel::Cpu, hclk_hz),
            (Kernel::Hclk, hclk_hz),
            (Kernel::Pclk1, hclk_hz / 2),
            (Kernel::Pclk2, hclk_hz / 2),
        ])
    }

    #[test]
    fn the_table_of_the_manual_holds_at_its_edges() {
        // (VOS, HCLK in MHz, wait states, WRHIGHFREQ): the last of each row of RM0455 table 16.
        for (vos, mhz, latency, delay) in [
            (0, 42, 0, 0),
            (0, 84, 1, 0),
            (0, 126, 2, 1),
            (0, 168, 3, 1),
            (0, 210, 4, 2),
            (0, 252, 5, 2),
            (0, 280, 6, 3),
            (1, 76, 1, 0),
            (1, 225, 5, 2),
            (2, 160, 4, 2),
            (3, 88, 3, 1),
        ] {
            assert_eq!(
                broken(&at(mhz), Vos(vos), latency, delay),
                Vec::<Complaint>::new(),
                "VOS{vos} {mhz} MHz"
            );
            if latency > 0 {
                assert!(!broken(&at(mhz), Vos(vos), latency - 1, delay).is_empty());
            }
            if delay > 0 {
                assert!(!broken(&at(mhz), Vos(vos), latency, delay - 1).is_empty());
            }
        }
    }

    #[test]
    fn full_speed_at_a_low_voltage_is_reported_for_each_clock() {
        let complaints = broken(&at(280), Vos(1), 7, 3);
        assert!(
            complaints
                .iter()
                .any(|c| c.message.starts_with("HCLK runs at 280000000 Hz, at VOS1")),
            "{complaints:?}"
        );
        assert!(
            complaints.iter().any(|c| c.message.starts_with("PCLK1")),
            "{complaints:?}"
        );
    }
}
