//! The power fails while files are written, on each of the three volumes: at each step of a workload that changes the memory, and at
//! pairs of them. After each cut the volume mounts, files that were closed are whole, and nothing else has changed.
//!
//! The workload says on the console what is certain from then on, so that what must be there is known at any moment. Here a
//! sample of the cuts runs; all of them, and 10,000 pairs, by `cargo xtask test power-cuts`.
//!
//! What a memory looks like after a cut is its model's (`lose_power`): the word, page, sector or block under way is as before,
//! done, or partly so; of the chip's flash with a double error. Most cuts are looked at by a board that stands at its prompt and
//! mounts the volume; each fortieth by one that boots.
use crate::session::Session;
use std::fmt::Write;
use vboard::{Left, Medium, SdCard, Snapshot};

/// A volume: how Python makes it and mounts it as /v.
struct Volume {
    medium: Medium,
    python: &'static str,
    /// What a board that boots with it has there; "": it is not mounted by itself.
    path: &'static str,
}

const FLASH: Volume = Volume {
    medium: Medium::Flash,
    python: r#"
import os, spiram, vfs
os.chdir('/'); vfs.umount('/flash')
def new(): vfs.VfsLfs2.mkfs(spiram.Flash())
def up(): vfs.mount(vfs.VfsLfs2(spiram.Flash()), '/v')
"#,
    path: "/flash",
};
/// The first 256 KB of it: the workload fills the volume.
const EXT: Volume = Volume {
    medium: Medium::SecondFlash,
    python: r#"
import os, spiram, vfs
class Part:
    def __init__(self):
        self.disk = spiram.ExtFlash()
        self.readblocks, self.writeblocks = self.disk.readblocks, self.disk.writeblocks
    def ioctl(self, what, n): return 64 if what == 4 else self.disk.ioctl(what, n)
def new(): vfs.VfsLfs2.mkfs(Part(), progsize=256)
def up(): vfs.mount(vfs.VfsLfs2(Part(), progsize=256), '/v')
"#,
    path: "",
};
const SD: Volume = Volume {
    medium: Medium::Card,
    python: r#"
import machine, os, vfs
def new(): vfs.VfsFat.mkfs(machine.SDCard())
def up(): vfs.mount(vfs.VfsFat(machine.SDCard()), '/v')
"#,
    path: "/sd",
};
const CARD_BYTES: usize = 512 << 10;

/// What each step makes certain: `keep NAME SIZE`, `gone NAME`. A file's bytes follow from its name and its size.
const WORKLOAD: &str = r#"
import time
def told(*a):
    print('certain', *a)
    time.sleep_ms(5)  # it is out before anything is done
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
    loses('big')
    with open('big', 'r+b') as f: f.write(b'over')
    make('short', 5000)
    loses('short')
    with open('short', 'wb'): pass
    told('keep', 'short', 0)
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

/// Defines what looks at the volume, of a list of `name, size`: what differs, in one line. A file more is written; a FAT
/// volume may have lost room to what was not closed.
const CHECK: &str = r#"
def data(name, size): return bytes((i * 7 + len(name) + size) & 255 for i in range(size))
def check(keep):
    try: look(keep)
    except OSError as e: print('failed', e)
def look(keep):
    up()
    os.chdir('/v')
    for name, size in keep:
        try:
            if size < 0: os.listdir(name)
            elif open(name, 'rb').read() != data(name, size): print('differs', name)
        except OSError as e: print('lost', name, e)
    try:
        with open('after', 'wb') as f: f.write(b'x' * 5000)
    except OSError as e:
        if e.errno == 28: return print('full')
        raise
    print('checked', len(open('after', 'rb').read()))
"#;

/// Files by name, with their sizes; -1 is a folder.
type Files = Vec<(String, i32)>;

/// The files that are certain, from what the console said.
fn certain(said: &str) -> Files {
    let mut files = Files::new();
    // A line that the power cut is none.
    let whole = said.rfind("\r\n").map_or("", |end| &said[..end]);
    for line in whole
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

/// A board of this volume at its prompt, and what it was before it ran.
fn board(volume: &Volume, card: &SdCard) -> (Session, Snapshot) {
    let mut session = Session::new("devebox", "none");
    session.machine.insert_card(Some(card.clone()));
    let off = session.machine.snapshot();
    session.until_prompt();
    define(&mut session, volume.python);
    define(&mut session, CHECK);
    (session, off)
}

fn blank_card() -> SdCard {
    SdCard::new(vec![0; CARD_BYTES], true).unwrap()
}

/// The board that writes.
struct Writer {
    medium: Medium,
    session: Session,
    /// Where the workload begins, and the step that was the last then.
    start: (Snapshot, u64),
    said: String,
}

impl Writer {
    fn new(volume: &Volume, card: &SdCard) -> Self {
        let (mut session, _) = board(volume, card);
        define(&mut session, WORKLOAD);
        assert_eq!(session.ask("new(); up(); os.chdir('/v')"), "");
        let steps = session.machine.steps(volume.medium);
        session.machine.serial_in(b"work()\r");
        Writer {
            medium: volume.medium,
            start: (session.machine.snapshot(), steps),
            session,
            said: String::new(),
        }
    }

    /// From the beginning of the workload again.
    fn again(&mut self) {
        self.session.machine.restore(&self.start.0);
        self.said.clear();
    }

    /// Steps of the workload so far.
    fn steps(&mut self) -> u64 {
        self.session.machine.steps(self.medium) - self.start.1
    }

    /// Goes on to this step of the workload: what is left if the power fails in the middle of it, and what was certain. `None`:
    /// the workload has ended before.
    fn cut_at(&mut self, step: u64) -> Option<(Left, Files)> {
        self.session
            .machine
            .fail_power_at(self.medium, Some(self.start.1 + step));
        let (said, is_cut) = self.session.run();
        self.said += &said;
        let left = self.session.machine.without_power(self.medium).expect("a memory");
        is_cut.then(|| (left, certain(&self.said)))
    }
}

/// The board whose power comes back.
struct Reader {
    path: &'static str,
    session: Session,
    off: Snapshot,
    prompt: Snapshot,
    looks: u32,
    /// How often there was no room for another file.
    full: u32,
}

impl Reader {
    fn new(volume: &Volume, card: &SdCard) -> Self {
        let (session, off) = board(volume, card);
        Reader {
            path: volume.path,
            prompt: session.machine.snapshot(),
            session,
            off,
            looks: 0,
            full: 0,
        }
    }

    fn has(&mut self, left: &Left) {
        self.session.machine.restore(&self.prompt);
        self.session.machine.put(left);
    }

    /// Boots with what is left: nothing is said about it.
    fn boot(&mut self, left: &Left, what: &str) {
        self.session.machine.restore(&self.off);
        self.session.machine.put(left);
        let said = self.session.until_prompt();
        let told = format!("spiram: {}", self.path);
        let is_quiet = !said.contains(&told) && (self.path == "/sd" || !said.contains("blank"));
        assert!(said.contains("MicroPython") && is_quiet, "{what}: {said}");
        let name = self.path.trim_start_matches('/');
        let listed = self
            .session
            .ask(&format!("import os; print('{name}' in os.listdir('/'))"));
        assert_eq!(listed, "True", "{what}");
    }

    /// What the board says of all that is left; its events.
    fn look(&mut self, left: &Left, certain: &Files) -> String {
        self.looks += 1;
        self.has(left);
        let mut list = String::new();
        for (name, size) in certain {
            write!(list, "('{name}',{size}),").unwrap();
        }
        let said = self.session.ask(&format!("check([{list}])"));
        let events = self.session.machine.events();
        assert!(events.is_empty(), "{events:?}; certain were {certain:?}");
        said
    }

    /// Everything is there.
    fn check(&mut self, left: &Left, certain: &Files, what: &str) {
        if self.looks % 40 == 0 && !self.path.is_empty() {
            self.boot(left, what);
        }
        let said = self.look(left, certain);
        let is_full = matches!(left, Left::Card(_)) && said == "full";
        self.full += u32::from(is_full);
        assert!(
            is_full || said == "checked 5000",
            "{what}: {said}; certain were {certain:?}"
        );
    }

    /// Mounts what is left, writes, and loses its power again at this step, or at the end.
    fn cut_again(&mut self, left: &Left, step: u64, medium: Medium) -> Left {
        self.has(left);
        let machine = &mut self.session.machine;
        let now = machine.steps(medium);
        machine.fail_power_at(medium, Some(now + step));
        machine.serial_in(b"check([])\r");
        self.session.run();
        self.session.machine.without_power(medium).expect("a memory")
    }
}

fn number(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).map_or(otherwise, |text| text.parse().expect("a number"))
}

/// At each step, or in the sample at each 211th: a prime, so that all kinds of steps come along.
fn stride() -> u64 {
    number("SPIRAM_CUTS_STRIDE", 211)
}

fn single(volume: &Volume) {
    let card = blank_card();
    let (mut writer, mut reader) = (Writer::new(volume, &card), Reader::new(volume, &card));
    let (mut step, mut cuts) = (1, 0);
    while let Some((left, certain)) = writer.cut_at(step) {
        reader.check(
            &left,
            &certain,
            &format!("{:?}: cut at step {step}", volume.medium),
        );
        (step, cuts) = (step + stride(), cuts + 1);
    }
    let steps = writer.steps();
    let said = &writer.said;
    assert!(said.contains("full 28") && said.contains("finished"), "{said}");
    println!(
        "power-cuts: {:?}: {cuts} of {steps} steps, nothing lost; {} times no room for another file",
        volume.medium, reader.full
    );
    assert!(cuts >= steps / stride() && cuts > 3, "{cuts}");
}

fn pairs(volume: &Volume) {
    let (mut pairs, mut seed) = (number("SPIRAM_CUTS_PAIRS", 3), number("SPIRAM_CUTS_SEED", 1));
    let mut draw = move |below: u64| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let card = blank_card();
    let (mut writer, mut reader) = (Writer::new(volume, &card), Reader::new(volume, &card));
    let (mut step, wanted) = (0, pairs);
    while pairs > 0 {
        step += 1 + draw(2 * 2000 / wanted.min(2000));
        let Some((left, certain)) = writer.cut_at(step) else {
            writer.again();
            step = 0;
            continue;
        };
        let again = 1 + draw(60);
        let what = format!(
            "{:?}: cut at step {step}, and at step {again} after that",
            volume.medium
        );
        let left = reader.cut_again(&left, again, volume.medium);
        reader.check(&left, &certain, &what);
        pairs -= 1;
    }
    println!("power-cuts: {:?}: {wanted} pairs, nothing lost", volume.medium);
}

#[test]
fn single_flash() {
    single(&FLASH);
}

#[test]
fn single_ext() {
    single(&EXT);
}

#[test]
fn single_sd() {
    single(&SD);
}

#[test]
fn pairs_flash() {
    pairs(&FLASH);
}

#[test]
fn pairs_ext() {
    pairs(&EXT);
}

#[test]
fn pairs_sd() {
    pairs(&SD);
}

/// FAT has nothing against a block that is half written, if it is one of its own: counted, not required. The board says
/// what it finds, and goes on.
#[test]
fn single_torn() {
    let card = blank_card().tearing();
    let (mut writer, mut reader) = (Writer::new(&SD, &card), Reader::new(&SD, &card));
    let (mut step, mut cuts, mut harmed) = (1, 0, 0);
    while let Some((left, certain)) = writer.cut_at(step) {
        let said = reader.look(&left, &certain);
        let is_whole = said == "checked 5000" || said == "full";
        let is_told = ["failed", "differs", "lost"]
            .iter()
            .any(|word| said.contains(word));
        assert!(is_whole || is_told, "{said}");
        harmed += u32::from(!is_whole);
        (step, cuts) = (step + stride(), cuts + 1);
    }
    println!("power-cuts: a card that tears blocks: {harmed} of {cuts} cuts harmed a file that was closed");
    assert!(writer.said.contains("finished"));
}
