//! The power fails while files are written: at each program and erase of a workload, and at pairs of them. After each cut the
//! volume mounts by itself, files that were closed are whole, and nothing else has changed.
//!
//! The workload says on the console what is certain from then on, so that what must be there is known at any moment. Here a
//! sample of the cuts runs; all of them, and 10,000 pairs, by `cargo xtask test power-cuts`.
//!
//! What the flash looks like after a cut is the model's (`chipmodel::onchip::flash::array`): the word or sector under way is
//! as before, done, or partly so with a double error.

use crate::session::Session;
use vboard::{FlashArray, Snapshot};

/// What each step makes certain: `keep NAME SIZE`, `gone NAME`. A file's bytes follow from its name and its size.
const WORKLOAD: &str = r#"
import os
def data(name, size): return bytes((i * 7 + len(name) + size) & 255 for i in range(size))
def told(*a): print('certain', *a)
def make(name, size):
    with open(name, 'wb') as f: f.write(data(name, size))
    told('keep', name, size)
def loses(name): told('loose', name)
def work():
    make('one', 100)
    make('big', 20000)
    os.mkdir('dir'); told('keep', 'dir', -1)
    make('dir/in', 3000)
    loses('one')
    with open('one', 'ab') as f: f.write(b'-more')
    told('any', 'one')
    make('old', 700)
    loses('old'); os.rename('old', 'new'); told('gone', 'old'); told('any', 'new')
    loses('dir/in'); os.remove('dir/in'); told('gone', 'dir/in')
    loses('big')
    make('big', 9000)
    a = open('a', 'wb'); b = open('b', 'wb')
    for i in range(6):
        a.write(data('a', 6000)[i * 1000:][:1000]); b.write(data('b', 600)[i * 100:][:100])
    a.close(); told('keep', 'a', 6000)
    b.close(); told('keep', 'b', 600)
    loses('fill')
    try:
        with open('fill', 'wb') as f:
            while True: f.write(b'\xff' * 8192)
    except OSError as e: print('full', e.errno)
    os.remove('fill'); told('gone', 'fill')
    make('last', 50)
    print('finished')
"#;

/// Defines what is on the board of a list of `name size`: what differs, in one line.
const CHECK: &str = r#"
def data(name, size): return bytes((i * 7 + len(name) + size) & 255 for i in range(size))
def check(keep):
    import os
    for name, size in keep:
        try:
            if size < 0: os.listdir(name)
            elif open(name, 'rb').read() != data(name, size): print('differs', name)
        except OSError as e: print('lost', name, e)
    make = open('after', 'wb'); make.write(b'x' * 5000); make.close()
    print('checked', len(open('after', 'rb').read()))
"#;

/// Files by name, with their sizes; -1 is a folder.
type Files = Vec<(String, i32)>;

/// The files that are certain, from what the console said.
fn certain(said: &str) -> Files {
    let mut files = Files::new();
    for line in said
        .split("\r\n")
        .filter_map(|line| line.strip_prefix("certain "))
    {
        let mut words = line.split(' ');
        let (what, name) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
        files.retain(|(known, _)| known != name);
        if let ("keep", Some(Ok(size))) = (what, words.next().map(str::parse)) {
            files.push((name.to_owned(), size));
        }
    }
    files
}

/// Sends a text through the raw prompt's way of pasting: no echo of a program this long.
fn define(session: &mut Session, text: &str) {
    let quoted = text
        .replace('\\', "\\\\")
        .replace('\n', "\\n")
        .replace('"', "\\\"");
    let said = session.ask(&format!("exec(\"{quoted}\")"));
    assert!(!said.contains("Traceback"), "{said}");
}

/// The board that writes.
struct Writer {
    session: Session,
    said: String,
}

impl Writer {
    fn new() -> Self {
        let mut session = Session::new("devebox", "none");
        session.until_prompt();
        define(&mut session, WORKLOAD);
        session.machine.serial_in(b"work()\r");
        Writer {
            session,
            said: String::new(),
        }
    }

    /// Goes on to this step: the flash if the power fails in the middle of it, and what was certain. `None`: the workload
    /// has ended before.
    fn cut_at(&mut self, step: u64) -> Option<(FlashArray, Files)> {
        self.session.machine.fail_power_at(Some(step));
        let (said, is_cut) = self.session.run();
        self.said += &said;
        is_cut.then(|| (self.session.machine.flash(), certain(&self.said)))
    }
}

/// The board whose power comes back.
struct Reader {
    session: Session,
    off: Snapshot,
}

impl Reader {
    fn new() -> Self {
        let session = Session::new("devebox", "none");
        let off = session.machine.snapshot();
        Reader { session, off }
    }

    /// Boots with this flash.
    fn boot(&mut self, flash: &FlashArray, what: &str) {
        self.session.machine.restore(&self.off);
        self.session.machine.put_files(flash);
        let said = self.session.until_prompt();
        let is_quiet = !said.contains("spiram: /flash") && !said.contains("blank");
        assert!(said.contains("MicroPython") && is_quiet, "{what}: {said}");
        define(&mut self.session, CHECK);
    }

    /// Boots with this flash and looks at everything.
    fn check(&mut self, flash: &FlashArray, certain: &Files, what: &str) {
        self.boot(flash, what);
        let list: String = certain
            .iter()
            .map(|(name, size)| format!("('{name}',{size}),"))
            .collect();
        let answer = self.session.ask(&format!("check([{list}])"));
        assert_eq!(answer, "checked 5000", "{what}; certain were {certain:?}");
        let events = self.session.machine.events();
        assert!(events.is_empty(), "{what}: {events:?}");
    }

    /// Boots with this flash, writes, and loses its power again at this step.
    fn cut_again(&mut self, flash: &FlashArray, step: u64, what: &str) -> FlashArray {
        self.boot(flash, what);
        let now = self.session.machine.flash_steps();
        self.session.machine.fail_power_at(Some(now + step));
        self.session.machine.serial_in(b"check([])\r");
        self.session.run();
        self.session.machine.flash()
    }
}

fn number(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).map_or(otherwise, |text| text.parse().expect("a number"))
}

#[test]
fn after_a_cut_at_any_step_the_volume_mounts_and_closed_files_are_whole() {
    // A prime, so that all kinds of steps come along.
    let stride = number("SPIRAM_CUTS_STRIDE", 211);
    let (mut writer, mut reader) = (Writer::new(), Reader::new());
    let first = writer.session.machine.flash_steps();
    let (mut step, mut cuts) = (first + 1, 0);
    while let Some((flash, certain)) = writer.cut_at(step) {
        reader.check(&flash, &certain, &format!("cut at step {step}"));
        (step, cuts) = (step + stride, cuts + 1);
    }
    let said = &writer.said;
    assert!(said.contains("full 28") && said.contains("finished"), "{said}");
    let steps = writer.session.machine.flash_steps() - first;
    println!("power-cuts: {cuts} of {steps} steps, nothing lost");
    assert!(cuts > 10, "{cuts}");
}

#[test]
fn after_two_cuts_it_is_the_same() {
    let (mut pairs, mut seed) = (number("SPIRAM_CUTS_PAIRS", 6), number("SPIRAM_CUTS_SEED", 1));
    let mut draw = move |below: u64| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let (mut writer, mut reader) = (Writer::new(), Reader::new());
    let mut step = writer.session.machine.flash_steps() + 1;
    let wanted = pairs;
    while pairs > 0 {
        step += 1 + draw(2 * 3000 / wanted.min(3000));
        let Some((flash, certain)) = writer.cut_at(step) else {
            writer = Writer::new();
            step = writer.session.machine.flash_steps() + 1;
            continue;
        };
        let again = 1 + draw(400);
        let what = format!("cut at step {step}, and at step {again} after that");
        let flash = reader.cut_again(&flash, again, &what);
        reader.check(&flash, &certain, &what);
        pairs -= 1;
    }
    println!("power-cuts: {wanted} pairs, nothing lost");
}
