//! Which clock to take: three policies by name, and the choice among the clocks that a controller can be fed with.

use crate::part::Part;
use crate::plan::{Controller, Hold, Plan, PlanError, Wish};

/// How near to the limits to go. A board's configuration names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timing {
    /// The fastest clock at which every rule of the part is kept, tCHD as well.
    Datasheet,
    /// 70 MHz, at which these chips have run on this processor; tCHD is left out of account, as others do (see [`Hold`]).
    Field,
    /// Every rule kept, and no faster than the board says: for long wires, or to find out whether the clock is to blame.
    Safe,
}

impl Timing {
    /// As a configuration writes it.
    pub const fn key(self) -> &'static str {
        match self {
            Timing::Datasheet => "datasheet",
            Timing::Field => "field",
            Timing::Safe => "safe",
        }
    }

    /// What it asks of a plan. `safe_max_hz` is the board's word for [`Timing::Safe`].
    pub const fn wish(self, safe_max_hz: u32) -> Wish {
        match self {
            Timing::Datasheet => Wish {
                clock_max_hz: 84_000_000,
                hold: Hold::Datasheet,
            },
            Timing::Field => Wish {
                clock_max_hz: 70_000_000,
                hold: Hold::Field,
            },
            Timing::Safe => Wish {
                clock_max_hz: safe_max_hz,
                hold: Hold::Datasheet,
            },
        }
    }
}

/// The plan with the fastest clock on the wire, for one of the kernel clocks on offer; among equals the one with the
/// slowest kernel clock. The last refusal if none will do, `None` if none is on offer.
pub fn fastest(
    part: &'static Part,
    controller: &Controller,
    kernels_hz: impl IntoIterator<Item = u32>,
    wish: Wish,
) -> Option<Result<Plan, PlanError>> {
    let better = |new: &Plan, old: &Plan| {
        let (new_hz, old_hz) = (new.clock.hz(), old.clock.hz());
        new_hz > old_hz || new_hz == old_hz && new.clock.kernel_hz < old.clock.kernel_hz
    };
    kernels_hz
        .into_iter()
        .map(|kernel_hz| Plan::new(part, controller, kernel_hz, wish))
        .reduce(|best, next| match (&best, &next) {
            (Ok(old), Ok(new)) if !better(new, old) => best,
            (Ok(_), Err(_)) => best,
            _ => next,
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::part::{ALL, ESP_PSRAM64H, IPS6404L_SQ, UNKNOWN};

    const SAFE_HZ: u32 = 40_000_000;
    const OFFER: [u32; 4] = [84_000_000, 70_000_000, 40_000_000, 50_000_000];

    fn chosen_hz(part: &'static Part, offer: &[u32], timing: Timing) -> (u32, u16) {
        let plan = fastest(
            part,
            &Controller::OCTOSPI,
            offer.iter().copied(),
            timing.wish(SAFE_HZ),
        );
        let plan = plan.expect("an offer").expect("a plan");
        assert_eq!(plan.check(), Ok(()));
        (plan.clock.kernel_hz, plan.clock.divider)
    }

    #[test]
    fn the_datasheet_means_50_mhz_where_tchd_is_20_ns_and_84_mhz_where_it_is_3_ns() {
        for part in ALL.into_iter().chain([&UNKNOWN]) {
            let expected = if part == &IPS6404L_SQ {
                84_000_000
            } else {
                50_000_000
            };
            assert_eq!(
                chosen_hz(part, &OFFER, Timing::Datasheet),
                (expected, 1),
                "{}",
                part.name
            );
            assert_eq!(chosen_hz(part, &OFFER, Timing::Field), (70_000_000, 1));
            assert_eq!(chosen_hz(part, &OFFER, Timing::Safe), (40_000_000, 1));
        }
    }

    #[test]
    fn a_divided_clock_is_taken_if_it_is_faster_and_else_the_slower_kernel() {
        let of = |offer: &[u32]| chosen_hz(&ESP_PSRAM64H, offer, Timing::Datasheet);
        assert_eq!(of(&[40_000_000, 96_000_000]), (96_000_000, 2));
        assert_eq!(of(&[100_000_000, 50_000_000]), (50_000_000, 1));
        assert_eq!(of(&[50_000_000, 100_000_000]), (50_000_000, 1));
    }

    #[test]
    fn without_an_offer_that_fits_there_is_no_plan() {
        let of = |offer: &[u32]| {
            let wish = Timing::Safe.wish(SAFE_HZ);
            fastest(&ESP_PSRAM64H, &Controller::OCTOSPI, offer.iter().copied(), wish)
        };
        assert_eq!(of(&[]), None);
        assert!(matches!(of(&[1_000_000]), Some(Err(PlanError::TooSlow { .. }))));
        assert!(matches!(of(&[1_000_000, 40_000_000]), Some(Ok(_))));
        assert!(matches!(of(&[40_000_000, 1_000_000]), Some(Ok(_))));
    }
}
