//! The power fails while the boot loader writes a new program: at each erase of a sector and at each word. After each cut the loader
//! comes up, and either starts the old program or the new one, whole, or says what is there; and it takes the new program again.
//!
//! Here a sample of the cuts runs; all of them by `cargo xtask test power-cuts/update`.

use crate::loader::program::{PROGRAM, Program, SECOND};
use crate::loader::{Bench, DOWNLOAD_IDLE};
use std::cell::RefCell;
use std::rc::Rc;
use vboard::core::cpu::Reg;
use vboard::{FlashArray, Medium, Picos, Snapshot, Until};

const SECTOR_BYTES: usize = 8192;
const MILLISECOND: Picos = Picos(1_000_000_000);

/// What came of the starts after cuts.
#[derive(Default)]
struct Tally {
    old: u32,
    new: u32,
    told: u32,
    rewritten: u32,
}

/// The board whose power comes back.
struct Reader {
    bench: Bench,
    off: Snapshot,
    old: Program,
    new: Program,
    tally: Tally,
    /// After one of so many cuts the update is done again.
    rewrites: u32,
}

impl Reader {
    fn new(old: &Program, new: &Program, rewrites: u32) -> Self {
        let bench = Bench::off("devebox-boot");
        let off = bench.machine.snapshot();
        Reader {
            bench,
            off,
            old: old.clone(),
            new: new.clone(),
            tally: Tally::default(),
            rewrites,
        }
    }

    /// Starts with this flash; what the loader said, or nothing: it has started the program.
    fn start(&mut self, flash: &FlashArray) -> Option<String> {
        let machine = &mut self.bench.machine;
        machine.restore(&self.off);
        machine.put_flash(flash);
        let mut said = String::new();
        for _ in 0..400 {
            let end = machine.now() + MILLISECOND;
            machine.run(Until {
                time: end,
                output: false,
                idle: false,
            });
            said += &String::from_utf8_lossy(&machine.serial_out());
            if (PROGRAM..0x0820_0000).contains(&machine.register(Reg::Pc)) {
                assert_eq!(said, "");
                return None;
            }
            if said.ends_with(".dfu\r\n") {
                return Some(said);
            }
        }
        panic!(
            "neither program nor loader after a cut; it said {said:?}, {:?}",
            machine.events()
        );
    }

    fn look(&mut self, step: u64, flash: &FlashArray) {
        let said = self.start(flash);
        let what = format!("cut at step {step}");
        let events = self.bench.machine.events();
        assert!(events.is_empty(), "{what}: {events:?}");
        match said {
            None if self.old.is_in(flash) => self.tally.old += 1,
            None if self.new.is_in(flash) => self.tally.new += 1,
            None => panic!("{what}: a program was started that is neither the old one nor the new one"),
            Some(said) => {
                let reasons = ["no program", "not whole", "no program that it knows"];
                assert!(
                    reasons.iter().any(|reason| said.contains(reason)),
                    "{what}: {said}"
                );
                assert!(!self.old.is_in(flash) && !self.new.is_in(flash), "{what}: {said}");
                self.tally.told += 1;
                if self.tally.told % self.rewrites == 0 {
                    self.rewrite(&what);
                }
            }
        }
    }

    fn rewrite(&mut self, what: &str) {
        self.bench.until_device();
        write(&mut self.bench, &self.new);
        assert!(self.new.is_in(&self.bench.machine.flash()), "{what}");
        let flash = self.bench.machine.flash();
        assert_eq!(self.start(&flash), None, "{what}, and written again");
        self.tally.rewritten += 1;
    }
}

/// As `dfu-util` writes the file for the loader: the program's first sector last.
fn write(bench: &mut Bench, program: &Program) {
    bench.download(SECOND, &program.second);
    bench.download(PROGRAM + SECTOR_BYTES as u32, &program.first[SECTOR_BYTES..]);
    bench.download(PROGRAM, &program.first[..SECTOR_BYTES]);
    assert_eq!(bench.status(), (0, 0, DOWNLOAD_IDLE));
}

#[test]
fn after_a_cut_at_any_step_of_an_update_the_loader_knows_what_is_there() {
    let stride = std::env::var("SPIRAM_CUTS_STRIDE").map_or(97, |text| text.parse().expect("a number"));
    let old = Program::new("devebox", 3 * SECTOR_BYTES, SECTOR_BYTES + 512, 0);
    let new = Program::new("devebox", 2 * SECTOR_BYTES + 4096, SECTOR_BYTES + 1024, 0x5A);
    let mut bench = Bench::blank();
    write(&mut bench, &old);
    let reader = Rc::new(RefCell::new(Reader::new(
        &old,
        &new,
        if stride == 1 { 50 } else { 12 },
    )));
    let first = bench.machine.steps(Medium::Flash);
    let shared = Rc::clone(&reader);
    bench.begin_cuts(stride, move |step, flash| {
        shared.borrow_mut().look(step - first, &flash)
    });
    write(&mut bench, &new);
    let steps = bench.machine.steps(Medium::Flash) - first;
    // And when all is done.
    let flash = bench.machine.flash();
    let mut reader = reader.borrow_mut();
    assert_eq!(reader.start(&flash), None);
    let Tally {
        old,
        new,
        told,
        rewritten,
    } = reader.tally;
    println!(
        "power-cuts: {} of {steps} steps: {old} times the old program, {new} times the new one, {told} times the loader, {rewritten} of \
         these written again",
        old + new + told
    );
    assert!(u64::from(old + new + told) >= steps / stride && told > 10 && rewritten > 0);
}
