//! `spiram.update()`: another program from a file. It is refused while anything is wrong with it; then it is written, and what a
//! power cut leaves the boot loader tells.

use crate::loader::Bench;
use crate::loader::program::Program;
use crate::session::Session;
use vboard::core::cpu::Reg;
use vboard::{FlashArray, Medium, Picos, Stop, Until};

const LOADER: (u16, u16) = (0x1209, 0x0002);
const ROM: (u16, u16) = (0x0483, 0xDF11);
const SECOND: Picos = Picos(1_000_000_000_000);

/// Writes a file to /flash.
fn put(session: &mut Session, name: &str, bytes: &[u8]) {
    session.ask("import binascii, spiram");
    session.ask(&format!("f = open('{name}', 'wb')"));
    for part in bytes.chunks(1000) {
        let digits: String = part.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(
            session.ask(&format!("f.write(binascii.unhexlify('{digits}'))")),
            part.len().to_string()
        );
    }
    session.ask("f.close()");
}

/// Small enough for /flash.
fn program(board: &str) -> Program {
    Program::new(board, 8192 + 512, 256, 0x33)
}

#[test]
fn a_file_with_anything_wrong_is_refused_in_words() {
    let mut session = Session::new("devebox", "none");
    session.until_prompt();
    let good = program("devebox").file(LOADER);
    put(&mut session, "good", &good);
    let mut told = |change: &str, words: &str| {
        session.ask(&format!(
            "d = bytearray(open('good', 'rb').read()); {change}; f = open('bad', 'wb')"
        ));
        session.ask("f.write(d); f.close()");
        let said = session.ask("spiram.update('bad')");
        assert!(
            said.contains("ValueError") && said.contains(words),
            "{change}: {said}"
        );
    };
    told("d[5000] ^= 1", "CRC-32 is wrong");
    told("d = d[:-1]", "cut off");
    told("d = d[:6]", "cut off");
    told("d = b'hello'", "expected spiram-BOARD.update.dfu");
    told("d = b''", "expected spiram-BOARD.update.dfu");
    assert!(session.ask("spiram.update('none')").contains("ENOENT"));
    assert!(session.ask("spiram.update(5)").contains("Error"));
    put(&mut session, "rom", &program("devebox").file(ROM));
    let said = session.ask("spiram.update('rom')");
    assert!(said.contains("0483:df11, expected 1209:0002"), "{said}");
    put(&mut session, "other", &program("weact").file(LOADER));
    let said = session.ask("spiram.update('other')");
    assert!(said.contains("the board weact, this is devebox"), "{said}");
    // The file is whole, and the program in it is not.
    let mut torn = program("devebox");
    torn.first[5000] ^= 1;
    put(&mut session, "torn", &torn.file(LOADER));
    let said = session.ask("spiram.update('torn')");
    assert!(said.contains("the program in the file is not whole"), "{said}");
    assert_eq!(session.ask("6*7"), "42");
}

/// What starts with this flash: a program's address, or the loader's name.
fn starts(flash: &FlashArray) -> Result<u32, String> {
    let mut bench = Bench::off("devebox");
    bench.machine.put_flash(flash);
    for _ in 0..100 {
        bench.pass(20);
        let pc = bench.machine.register(Reg::Pc);
        if pc >= 0x0800_C000 && bench.said().is_empty() {
            return Ok(pc);
        }
        if let Some(device) = bench.host(|host| host.device().cloned()) {
            return Err(device.texts[1].clone().unwrap_or_default());
        }
    }
    panic!("nothing starts: {:?}", bench.machine.events());
}

#[test]
fn a_file_is_written_and_started_and_a_power_cut_is_told() {
    let mut session = Session::new("devebox", "none");
    session.until_prompt();
    let new = program("devebox");
    put(&mut session, "new", &new.file(LOADER));
    let before = session.machine.snapshot();
    session.machine.serial_in(b"spiram.update('new')\r");
    let mut runs = |cut: Option<u64>| {
        let now = session.machine.steps(Medium::Flash);
        session
            .machine
            .fail_power_at(Medium::Flash, cut.map(|step| now + step));
        let end = session.machine.now() + Picos(2 * SECOND.0);
        while session.machine.now() < end {
            match session.machine.run(Until::time(end)) {
                Stop::Limit | Stop::Reset => {}
                Stop::PowerFailed => break,
                other => panic!("{other:?}: {:?}", session.machine.events()),
            }
        }
        assert!(session.machine.is_clean(), "{:?}", session.machine.events());
        let (flash, pc) = (session.machine.flash(), session.machine.register(Reg::Pc));
        let steps = session.machine.steps(Medium::Flash) - now;
        session.machine.restore(&before);
        session.machine.serial_in(b"spiram.update('new')\r");
        (flash, pc, steps)
    };
    let (flash, pc, steps) = runs(None);
    assert_eq!(pc, 0x0800_C300, "the new program runs");
    assert!(new.is_in(&flash));
    assert_eq!(steps, 3 + (8192 + 512 + 256) / 16, "three sectors, and the words");
    let loader = vboard::Image::parse(&crate::elf("devebox"))
        .expect("a sound ELF")
        .flash;
    assert!(flash.sector(0)[..] == loader[..8192], "the loader stays");
    for step in [1, 2, 10, 18, 50, steps] {
        let (flash, ..) = runs(Some(step));
        match starts(&flash) {
            Ok(pc) => assert!(pc == 0x0800_C300 && new.is_in(&flash), "step {step}: {pc:#x}"),
            Err(name) => assert!(
                name.contains("not whole") || name.contains("no program"),
                "step {step}: {name}"
            ),
        }
    }
}
