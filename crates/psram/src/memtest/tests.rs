//! Every fault of a table is put into a memory, and the marches have to find it; a good memory has to pass.

extern crate std;
use super::*;
use std::boxed::Box;
use std::format;
use std::string::ToString;
use std::vec;
use std::vec::Vec;

const SIZE_BYTES: u32 = 16 << 10;
const WORDS: u32 = SIZE_BYTES / 4;

type AddressFault = Box<dyn Fn(u32) -> Vec<u32>>;
type DataFault = Box<dyn Fn(u32) -> u32>;
type Effect = fn(u32) -> u32;
type WriteFault = Box<dyn Fn(&mut [u32], u32, u32)>;

/// A memory whose three parts can be broken each by itself.
struct Broken {
    words: Vec<u32>,
    /// Word index as sent to the cells that hear it. A read gets the AND of them.
    decode: AddressFault,
    /// What the data lines make of a word, on its way to the cells and back.
    wires: DataFault,
    /// Changes the cells instead of (not after) a plain write of a word.
    store: WriteFault,
    syncs: u32,
    breath: Option<u32>,
}

impl Broken {
    fn good() -> Self {
        Self {
            words: (0..WORDS).map(|i| i.wrapping_mul(0x1234_5677)).collect(),
            decode: Box::new(|index| vec![index]),
            wires: Box::new(|word| word),
            store: Box::new(|words, index, word| words[index as usize] = word),
            syncs: 0,
            breath: None,
        }
    }
    fn decode(decode: impl Fn(u32) -> Vec<u32> + 'static) -> Self {
        Self {
            decode: Box::new(decode),
            ..Self::good()
        }
    }
    fn wires(wires: impl Fn(u32) -> u32 + 'static) -> Self {
        Self {
            wires: Box::new(wires),
            ..Self::good()
        }
    }
    fn store(store: impl Fn(&mut [u32], u32, u32) + 'static) -> Self {
        Self {
            store: Box::new(store),
            ..Self::good()
        }
    }
}

impl Memory for Broken {
    fn size_bytes(&self) -> u32 {
        SIZE_BYTES
    }
    fn write_line(&mut self, offset: u32, line: &Line) {
        for (i, word) in line.iter().enumerate() {
            for index in (self.decode)(offset / 4 + i as u32) {
                (self.store)(&mut self.words, index % WORDS, (self.wires)(*word));
            }
        }
    }
    fn read_line(&mut self, offset: u32) -> Line {
        core::array::from_fn(|i| {
            let cells = (self.decode)(offset / 4 + i as u32);
            (self.wires)(
                cells
                    .iter()
                    .fold(!0, |all, index| all & self.words[(index % WORDS) as usize]),
            )
        })
    }
    fn sync(&mut self) {
        self.syncs += 1;
    }
    fn breathe(&mut self, _done_bytes: u64, _total_bytes: u64) -> ControlFlow<()> {
        match &mut self.breath {
            Some(0) => ControlFlow::Break(()),
            Some(left) => {
                *left -= 1;
                ControlFlow::Continue(())
            }
            None => ControlFlow::Continue(()),
        }
    }
}

/// A cell in the middle of the memory, and two at a distance on both sides of it.
const CELL: u32 = 0x9A7;
const BELOW: u32 = 0x012;
const ABOVE: u32 = 0xF31;

/// A bit of the word at `aggressor` that changes as given does `effect` to the word at `victim`.
fn coupling(aggressor: u32, victim: u32, rising: bool, effect: Effect) -> Broken {
    Broken::store(move |words, index, word| {
        let before = words[index as usize];
        words[index as usize] = word;
        let edge = if rising { !before & word } else { before & !word };
        if index == aggressor && edge & 1 << 7 != 0 {
            words[victim as usize] = effect(words[victim as usize]);
        }
    })
}

/// How many of the two polarities of `march` notice the fault.
fn polarities(make: &dyn Fn() -> Broken, march: &[Element]) -> usize {
    [Polarity::Plain, Polarity::Inverted]
        .into_iter()
        .filter(|p| !run(&mut make(), march, *p).passed())
        .count()
}

#[test]
fn a_good_memory_passes_every_march_in_both_polarities() {
    for march in [QUICK, BOTH, MARCH_C] {
        for polarity in [Polarity::Plain, Polarity::Inverted] {
            let mut memory = Broken::good();
            let report = run(&mut memory, march, polarity);
            assert!(report.passed(), "{report}");
            assert_eq!(
                report,
                Report {
                    size_bytes: SIZE_BYTES,
                    complete: true,
                    ..Report::default()
                }
            );
            assert_eq!(
                memory.syncs as usize,
                march.len() - 1,
                "the cache is emptied between two elements"
            );
        }
    }
}

#[test]
fn faults_of_lines_are_found_by_the_quick_march_in_either_polarity() {
    let mut cases: Vec<(std::string::String, Box<dyn Fn() -> Broken>)> = Vec::new();
    for bit in 0..WORDS.ilog2() {
        for high in [false, true] {
            let stuck = move |index: u32| {
                if high {
                    index | 1 << bit
                } else {
                    index & !(1 << bit)
                }
            };
            cases.push((
                format!("address line {bit} stuck at {high}"),
                Box::new(move || Broken::decode(move |i| vec![stuck(i)])),
            ));
        }
        for other in 0..bit {
            let short = move |index: u32| {
                let both = index >> bit & index >> other & 1;
                index & !(1 << bit | 1 << other) | both << bit | both << other
            };
            cases.push((
                format!("address lines {bit} and {other} shorted"),
                Box::new(move || Broken::decode(move |i| vec![short(i)])),
            ));
        }
    }
    for bit in 0..32 {
        cases.push((
            format!("data line {bit} stuck low"),
            Box::new(move || Broken::wires(move |w| w & !(1 << bit))),
        ));
        cases.push((
            format!("data line {bit} stuck high"),
            Box::new(move || Broken::wires(move |w| w | 1 << bit)),
        ));
        for other in 0..bit {
            let short = move |word: u32| {
                let both = word >> bit & word >> other & 1;
                word & !(1 << bit | 1 << other) | both << bit | both << other
            };
            cases.push((
                format!("data lines {bit} and {other} shorted"),
                Box::new(move || Broken::wires(short)),
            ));
        }
    }
    for (name, make) in cases {
        assert_eq!(polarities(&*make, QUICK), 2, "{name}");
    }
}

#[test]
fn a_stuck_cell_is_found_by_one_polarity_of_the_quick_march_and_by_both_of_the_others() {
    for bit in 0..32 {
        for high in [false, true] {
            let make = move || {
                Broken::store(move |words, index, word| {
                    let stuck = if high { word | 1 << bit } else { word & !(1 << bit) };
                    words[index as usize] = if index == CELL { stuck } else { word };
                })
            };
            assert_eq!(polarities(&make, QUICK), 1, "bit {bit} stuck at {high}");
            assert_eq!(polarities(&make, BOTH), 2, "bit {bit} stuck at {high}");
            assert_eq!(polarities(&make, MARCH_C), 2, "bit {bit} stuck at {high}");
        }
    }
}

#[test]
fn an_address_that_reaches_a_second_cell_is_found() {
    for second in [BELOW, ABOVE, CELL + 1, CELL - 1] {
        let make = move || {
            Broken::store(move |words, index, word| {
                words[index as usize] = word;
                if index == CELL {
                    words[second as usize] = word;
                }
            })
        };
        // The quick march writes upwards: what it spoils above itself is written again before it is read.
        assert_eq!(
            polarities(&make, QUICK),
            if second < CELL { 2 } else { 0 },
            "second cell {second:#x}"
        );
        assert_eq!(polarities(&make, BOTH), 2, "second cell {second:#x}");
        assert_eq!(polarities(&make, MARCH_C), 2, "second cell {second:#x}");
    }
    // Two cells that answer together, the reader gets the AND of them.
    let together = || {
        Broken::decode(|index| {
            if index == CELL {
                vec![CELL, ABOVE]
            } else {
                vec![index]
            }
        })
    };
    assert_eq!(polarities(&together, QUICK), 2);
    // No cell at all: an open bus reads as ones.
    let nowhere = || Broken::decode(|index| if index == CELL { vec![] } else { vec![index] });
    assert_eq!(polarities(&nowhere, QUICK), 2);
}

#[test]
fn march_c_finds_transition_faults_and_coupling_between_words() {
    for rising in [false, true] {
        let transition = move || {
            Broken::store(move |words, index, word| {
                let before = words[index as usize];
                let lost = if rising { !before & word } else { before & !word };
                words[index as usize] = if index == CELL { word ^ lost & 1 << 3 } else { word };
            })
        };
        assert_eq!(polarities(&transition, MARCH_C), 2, "transition, rising {rising}");
        // All in other lines: words of one line are written together, so the march cannot tell them apart.
        for aggressor in [BELOW, CELL - 8, CELL + 1, ABOVE] {
            let effects: [(&str, Effect); 3] = [
                ("sets", |w| w | 1 << 9),
                ("clears", |w| w & !(1 << 9)),
                ("inverts", |w| w ^ 1 << 9),
            ];
            for (name, effect) in effects {
                let make = move || coupling(aggressor, CELL, rising, effect);
                assert_eq!(
                    polarities(&make, MARCH_C),
                    2,
                    "{aggressor:#x} {name}, rising {rising}"
                );
            }
        }
    }
}

#[test]
fn a_write_that_zeroes_its_neighbours_in_eight_bytes_is_found_and_located() {
    // What a controller does that masks lanes with a pin the chip does not have.
    let mut memory = Broken::store(|words, index, word| {
        words[index as usize] = word;
        if index == CELL {
            words[(CELL ^ 1) as usize] &= 0xFFFF_0000;
        }
    });
    let report = run(&mut memory, QUICK, Polarity::Plain);
    let first = report.first.unwrap();
    assert_eq!(report.faults, 1);
    assert_eq!(first.offset, 4 * (CELL ^ 1));
    assert_eq!(first.expected, pattern(CELL ^ 1, Polarity::Plain));
    assert_eq!(
        (first.found, first.again, first.element),
        (first.expected & 0xFFFF_0000, first.found, 1)
    );
    assert_eq!(report.bits, first.expected & 0xFFFF);
    assert!(
        report
            .to_string()
            .starts_with("memtest fail, offset 0x002698 expected 0x"),
        "{report}"
    );
}

#[test]
fn one_bad_line_of_the_four_is_named() {
    // SIO2 carries bits 2 and 6 of each byte.
    let report = run(
        &mut Broken::wires(|word| word & !0x4444_4444),
        QUICK,
        Polarity::Plain,
    );
    assert_eq!(report.lines(), 0b0100);
    assert!(report.faults > u64::from(WORDS) * 9 / 10);
}

#[test]
fn a_fault_of_reading_shows_in_the_second_reading() {
    struct Once(Broken, bool);
    impl Memory for Once {
        fn size_bytes(&self) -> u32 {
            SIZE_BYTES
        }
        fn write_line(&mut self, offset: u32, line: &Line) {
            self.0.write_line(offset, line);
        }
        fn read_line(&mut self, offset: u32) -> Line {
            let mut line = self.0.read_line(offset);
            if offset == 4096 && !core::mem::replace(&mut self.1, true) {
                line[3] ^= 0x10;
            }
            line
        }
        fn sync(&mut self) {}
    }
    let report = run(&mut Once(Broken::good(), false), QUICK, Polarity::Plain);
    let first = report.first.unwrap();
    assert_eq!((report.faults, first.offset, report.bits), (1, 4096 + 12, 0x10));
    assert_eq!(first.again, first.expected);
    assert!(report.to_string().contains("right when read again"));
}

#[test]
fn a_test_that_is_broken_off_did_not_pass() {
    let mut memory = Broken {
        breath: Some(1),
        ..Broken::good()
    };
    let report = run(&mut memory, QUICK, Polarity::Plain);
    assert!(!report.passed() && !report.complete);
    assert_eq!(report.to_string(), "memtest broken off, no fault so far");
}

#[test]
fn no_word_equals_another_or_its_complement_in_16_mb() {
    const WORDS: u64 = (16 << 20) / 4;
    // STEP is odd, so it has an inverse, and equal words mean equal indices.
    let inverse = (0..5).fold(1u32, |x, _| {
        x.wrapping_mul(2u32.wrapping_sub(STEP.wrapping_mul(x)))
    });
    assert_eq!(STEP.wrapping_mul(inverse), 1);
    // Pairs i, j: !word(i) = word(j) means -1 - FIRST - i*STEP = FIRST + j*STEP, so i + j = (-1 - 2*FIRST) / STEP.
    let sum = (!0u32).wrapping_sub(FIRST.wrapping_mul(2)).wrapping_mul(inverse);
    assert!(
        u64::from(sum) > WORDS,
        "pairs whose indices add up to {sum:#x} would hide each other"
    );
    assert_eq!(
        pattern(14, Polarity::Inverted),
        !FIRST.wrapping_add(STEP.wrapping_mul(7))
    );
    for (i, word) in (0..).zip(line(64, 0)) {
        assert_eq!(word, pattern(16 + i, Polarity::Plain));
    }
}

#[test]
fn each_eight_bytes_hold_both_values_of_every_bit() {
    for offset in (0..SIZE_BYTES).step_by(32) {
        for pair in line(offset, 0).chunks(2) {
            assert_eq!(pair[0] ^ pair[1], !0);
        }
    }
}

#[test]
fn ones_and_zeros_are_equal_in_every_bit_position_of_8_mb() {
    const WORDS: u32 = (8 << 20) / 4;
    let mut ones = [0u32; 32];
    for index in 0..WORDS {
        let word = pattern(index, Polarity::Plain);
        for (bit, count) in ones.iter_mut().enumerate() {
            *count += word >> bit & 1;
        }
    }
    for (bit, count) in ones.into_iter().enumerate() {
        assert!(
            count.abs_diff(WORDS / 2) <= WORDS / 100,
            "bit {bit}: {count} ones of {WORDS}"
        );
    }
}

/// Why the background is not a constant: the same fault, the same march, nothing found.
#[test]
fn a_constant_pattern_would_miss_a_stuck_address_line() {
    let mut memory = Broken::decode(|index| vec![index & !(1 << 10)]);
    for offset in (0..SIZE_BYTES).step_by(32) {
        memory.write_line(offset, &[0xA5A5_A5A5; 8]);
    }
    assert!(
        (0..SIZE_BYTES)
            .step_by(32)
            .all(|offset| memory.read_line(offset) == [0xA5A5_A5A5; 8])
    );
    assert!(!run(&mut memory, QUICK, Polarity::Plain).passed());
}

#[test]
fn the_next_turn_is_the_other_polarity_and_after_power_up_it_is_chance() {
    let mut memory = Broken::good();
    let mut polarity = turn(&mut memory);
    for _ in 0..4 {
        assert!(run(&mut memory, QUICK, polarity).passed());
        assert_eq!(turn(&mut memory), polarity.other());
        polarity = polarity.other();
    }
    let of_content = |n: u32| {
        let mut memory = Broken::good();
        memory.words.fill(0);
        memory.words[WORDS as usize - 100] = n;
        turn(&mut memory)
    };
    assert_eq!(
        [0, 1, 3, 7].map(of_content),
        [
            Polarity::Plain,
            Polarity::Inverted,
            Polarity::Plain,
            Polarity::Inverted
        ]
    );
}

#[test]
fn tied_address_lines_are_found_in_memory_whose_content_stays() {
    let mut good = Broken::good();
    let before = good.words.clone();
    assert_eq!(find_tied_lines(&mut good), None);
    assert_eq!(good.words, before);
    // Lines 3 to 11 of a word's index choose one of 512 lines.
    for line in 3..12 {
        for mut memory in [
            Broken::decode(move |index| vec![index & !(1 << line)]),
            Broken::decode(move |index| vec![index | 1 << line]),
            Broken::decode(move |index| {
                let next = if line == 11 { 3 } else { line + 1 };
                let tied = (index >> line | index >> next) & 1;
                vec![index & !(1 << line | 1 << next) | tied << line | tied << next]
            }),
        ] {
            assert!(find_tied_lines(&mut memory).is_some(), "address line {line}");
        }
    }
}

#[test]
fn any_key_leaves_a_march_its_power() {
    for key in [0x0000_FFFF, 0x1234_5678, 0xAAAA_AAAA] {
        assert!(run_with(&mut Broken::good(), MARCH_C, key).passed());
        for value in [0, 1 << 9] {
            let mut stuck = Broken::store(move |words, index, word| {
                words[index as usize] = if index == CELL {
                    word & !(1 << 9) | value
                } else {
                    word
                };
            });
            assert!(!run_with(&mut stuck, MARCH_C, key).passed(), "{key:#x}");
        }
        let mut tied = Broken::decode(|index| vec![index & !(1 << 5)]);
        assert!(!run_with(&mut tied, QUICK, key).passed(), "{key:#x}");
    }
}
