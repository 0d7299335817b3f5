//! The chips that are known, one file each: numbers with their unit, the datasheet's symbol and the source.
//!
//! **Which part is fitted cannot be read from the chip.** All of them carry dies of AP Memory, answer READ ID with
//! maker 0x0D, and no published source says how the identity bits tell them apart. So the board file names the
//! part; who does not takes [`UNKNOWN`], which has the strictest limit of every row.
//!
//! To add a part: a file here, a line in [`ALL`]. The tests check that its limits make sense and that [`UNKNOWN`] is
//! at least as strict.

mod aps1604m_3sqr;
mod aps6404l_3sqn;
mod aps6404l_3sqr;
mod esp_psram32h;
mod esp_psram64h;
mod ips6404l_sq;
mod ly68l6400;

pub use aps1604m_3sqr::APS1604M_3SQR;
pub use aps6404l_3sqn::APS6404L_3SQN;
pub use aps6404l_3sqr::APS6404L_3SQR;
pub use esp_psram32h::ESP_PSRAM32H;
pub use esp_psram64h::ESP_PSRAM64H;
pub use ips6404l_sq::IPS6404L_SQ;
pub use ly68l6400::LY68L6400;

/// What a datasheet promises at 3.3 V and up to 85 degrees. Times are picoseconds, so that 2.5 ns is a whole number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// As the maker writes it.
    pub name: &'static str,
    /// As a configuration writes it.
    pub key: &'static str,
    /// Where the numbers are from.
    pub source: &'static str,
    /// Capacity.
    pub size_bytes: u32,
    /// Page: the unit that a burst may not leave above [`Part::crossing_max_hz`].
    pub page_bytes: u32,
    /// Fastest clock of a burst that stays in its page.
    pub clock_max_hz: u32,
    /// Fastest clock of a linear burst that crosses from a page into the next.
    pub crossing_max_hz: u32,
    /// Fastest clock of command 03, read without dummy cycles.
    pub slow_read_max_hz: u32,
    /// Shorter of high and low time of the clock, in percent of its period.
    pub t_ch_min_percent: u32,
    /// tCPH: CE# high between transfers, at least.
    pub t_cph_min_ps: u32,
    /// tCEM: CE# low, at most; the chip cannot refresh meanwhile.
    pub t_cem_max_ps: u32,
    /// tCSP: CE# low before the first rising edge of the clock.
    pub t_csp_min_ps: u32,
    /// tCHD: CE# low after the last rising edge of the clock.
    pub t_chd_min_ps: u32,
    /// tACLK: data valid after the falling edge of the clock, at most.
    pub t_aclk_max_ps: u32,
    /// tPU: from a stable supply to the first command.
    pub t_pu_min_us: u32,
    /// tRST: from a reset to the next command.
    pub t_rst_min_ps: u32,
    /// Whether bursts can be written in SPI mode.
    pub single_line: bool,
}

/// Every part with a file of its own.
pub const ALL: [&Part; 7] = [
    &ESP_PSRAM64H,
    &LY68L6400,
    &APS6404L_3SQR,
    &APS6404L_3SQN,
    &IPS6404L_SQ,
    &ESP_PSRAM32H,
    &APS1604M_3SQR,
];

/// The part of this [`key`](Part::key), or [`UNKNOWN`]'s.
pub fn by_key(key: &str) -> Option<&'static Part> {
    ALL.into_iter().chain([&UNKNOWN]).find(|part| part.key == key)
}

/// 8 MB, maker unknown: the strictest of all parts in each row.
pub static UNKNOWN: Part = Part {
    name: "8 MB quad PSRAM",
    key: "unknown",
    source: "the strictest of all known parts",
    size_bytes: 8 << 20,
    page_bytes: 1024,
    clock_max_hz: strictest_max(0),
    crossing_max_hz: strictest_max(1),
    slow_read_max_hz: strictest_max(2),
    t_ch_min_percent: strictest_min(0),
    t_cph_min_ps: strictest_min(1),
    t_cem_max_ps: strictest_max(3),
    t_csp_min_ps: strictest_min(2),
    t_chd_min_ps: strictest_min(3),
    t_aclk_max_ps: strictest_min(4),
    t_pu_min_us: strictest_min(5),
    t_rst_min_ps: strictest_min(6),
    single_line: false,
};

const fn strictest_max(row: usize) -> u32 {
    let mut value = u32::MAX;
    let mut i = 0;
    while i < ALL.len() {
        let p = ALL[i];
        let limit = [
            p.clock_max_hz,
            p.crossing_max_hz,
            p.slow_read_max_hz,
            p.t_cem_max_ps,
        ][row];
        if limit < value {
            value = limit;
        }
        i += 1;
    }
    value
}

const fn strictest_min(row: usize) -> u32 {
    let mut value = 0;
    let mut i = 0;
    while i < ALL.len() {
        let p = ALL[i];
        let limit = [
            p.t_ch_min_percent,
            p.t_cph_min_ps,
            p.t_csp_min_ps,
            p.t_chd_min_ps,
            p.t_aclk_max_ps,
            p.t_pu_min_us,
            p.t_rst_min_ps,
        ][row];
        if limit > value {
            value = limit;
        }
        i += 1;
    }
    value
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn keys_are_distinct_and_found_again() {
        let keys: HashSet<_> = ALL.iter().map(|part| part.key).collect();
        assert_eq!(keys.len(), ALL.len());
        for part in ALL {
            assert_eq!(by_key(part.key), Some(part));
        }
        assert_eq!(by_key("unknown"), Some(&UNKNOWN));
        assert_eq!(by_key("ESP_PSRAM64H"), None);
    }

    /// Symbol by symbol, as the AC tables print it, in their units; a second writing of the numbers in the files.
    #[test]
    fn the_numbers_are_those_of_the_datasheets() {
        // name, f max MHz, crossing MHz, tCPH ns, tCEM us, tCSP ns, tCHD ns, tACLK ns
        let table = [
            ("ESP-PSRAM64H", 133.0, 84.0, 50.0, 8.0, 2.5, 20.0, 6.0),
            ("LY68L6400", 144.0, 84.0, 50.0, 8.0, 2.5, 20.0, 6.0),
            ("APS6404L-3SQR", 84.0, 84.0, 50.0, 8.0, 2.5, 20.0, 6.0),
            ("APS6404L-3SQN", 84.0, 84.0, 50.0, 8.0, 2.5, 20.0, 6.0),
            ("IPS6404L-SQ", 104.0, 84.0, 18.0, 8.0, 3.0, 3.0, 7.0),
            ("ESP-PSRAM32H", 133.0, 84.0, 50.0, 8.0, 2.5, 20.0, 6.0),
            ("APS1604M-3SQR", 84.0, 84.0, 50.0, 8.0, 2.5, 20.0, 6.0),
            ("8 MB quad PSRAM", 84.0, 84.0, 50.0, 8.0, 3.0, 20.0, 7.0),
        ];
        for ((name, f, crossing, cph, cem, csp, chd, aclk), part) in
            table.into_iter().zip(ALL.into_iter().chain([&UNKNOWN]))
        {
            let ps = |value_ns: f64| (value_ns * 1e3) as u32;
            let hz = |value_mhz: f64| (value_mhz * 1e6) as u32;
            assert_eq!(part.name, name);
            assert_eq!(
                (part.clock_max_hz, part.crossing_max_hz),
                (hz(f), hz(crossing)),
                "{name}: clocks"
            );
            assert_eq!(part.slow_read_max_hz, hz(33.0), "{name}: clock of command 03");
            assert_eq!(
                (part.t_cph_min_ps, part.t_cem_max_ps),
                (ps(cph), ps(cem * 1e3)),
                "{name}: tCPH, tCEM"
            );
            assert_eq!(
                (part.t_csp_min_ps, part.t_chd_min_ps),
                (ps(csp), ps(chd)),
                "{name}: tCSP, tCHD"
            );
            assert_eq!(part.t_aclk_max_ps, ps(aclk), "{name}: tACLK");
            assert_eq!((part.page_bytes, part.t_pu_min_us), (1024, 150), "{name}");
            let megabytes = match name {
                "ESP-PSRAM32H" => 4,
                "APS1604M-3SQR" => 2,
                _ => 8,
            };
            assert_eq!(part.size_bytes, megabytes << 20, "{name}");
        }
    }

    #[test]
    fn the_unknown_part_is_as_strict_as_every_known_one() {
        for part in ALL {
            assert!(UNKNOWN.clock_max_hz <= part.clock_max_hz);
            assert!(UNKNOWN.crossing_max_hz <= part.crossing_max_hz);
            assert!(UNKNOWN.slow_read_max_hz <= part.slow_read_max_hz);
            assert!(UNKNOWN.t_ch_min_percent >= part.t_ch_min_percent);
            assert!(UNKNOWN.t_cem_max_ps <= part.t_cem_max_ps);
            assert!(UNKNOWN.t_cph_min_ps >= part.t_cph_min_ps);
            assert!(UNKNOWN.t_csp_min_ps >= part.t_csp_min_ps);
            assert!(UNKNOWN.t_chd_min_ps >= part.t_chd_min_ps);
            assert!(UNKNOWN.t_aclk_max_ps >= part.t_aclk_max_ps);
            assert!(UNKNOWN.t_pu_min_us >= part.t_pu_min_us);
            assert!(UNKNOWN.t_rst_min_ps >= part.t_rst_min_ps);
            assert_eq!(UNKNOWN.page_bytes, part.page_bytes);
        }
    }
}
