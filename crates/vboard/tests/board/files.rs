//! The firmware's files: first boot, boot.py and main.py, safe mode, volumes that do not mount, and what a failing power
//! leaves.

use crate::session::Session;
use vboard::FlashArray;
use vboard::board::Pin;

const BLANK: &str = "spiram: the flash was blank, and is the empty volume /flash now\r\n";
const NOT_MOUNTED: &str = "spiram: /flash does not mount, and is kept as it is: ";

/// A board without a memory chip that has its power, but has not run.
fn off(flash: Option<&FlashArray>) -> Session {
    let mut session = Session::new("devebox", "none");
    if let Some(flash) = flash {
        session.machine.put_files(flash);
    }
    session
}

fn boot(flash: Option<&FlashArray>) -> (Session, String) {
    let mut session = off(flash);
    let said = session.until_prompt();
    (session, said)
}

/// The board after a press on its reset button.
fn reset(session: &mut Session) -> String {
    session.machine.reset();
    session.until_prompt()
}

#[test]
fn blank_flash_is_formatted_once_and_told() {
    let (mut session, said) = boot(None);
    assert!(said.contains(BLANK), "{said}");
    assert_eq!(
        session.ask("f=open('b','w'); f.write('x'*9000); f.close()"),
        "9000"
    );
    assert_eq!(session.machine.stats().events.len(), 0);
    let again = reset(&mut session);
    assert!(
        !again.contains("spiram: the flash") && !again.contains(NOT_MOUNTED),
        "{again}"
    );
    assert_eq!(session.ask("len(open('/flash/b').read())"), "9000");
    // The same by another board with this flash, and after a soft reset.
    let (mut other, said) = boot(Some(&session.machine.flash()));
    assert!(!said.contains("blank"), "{said}");
    assert_eq!(
        other.ask("import os; os.getcwd(), os.stat('b')[6]"),
        "('/flash', 9000)"
    );
    assert!(other.soft_reset().contains("soft reboot"));
    assert_eq!(
        other.ask("import os; os.getcwd(), os.stat('b')[6]"),
        "('/flash', 9000)"
    );
}

#[test]
fn boot_and_main_run_in_this_order_and_a_held_key_skips_both() {
    let (mut session, _) = boot(None);
    for file in ["boot", "main"] {
        session.ask(&format!(
            "f=open('{file}.py','w'); f.write('print(\"this is {file}\")'); f.close()"
        ));
    }
    let said = reset(&mut session);
    let place = |text: &str| said.find(text);
    assert!(
        place("this is boot").is_some() && place("this is boot") < place("this is main"),
        "{said}"
    );
    let said = session.soft_reset();
    assert!(
        said.contains("this is boot") && said.contains("this is main"),
        "{said}"
    );
    // K1, to ground.
    session.machine.drive(Pin::new('E', 3), Some(false));
    let said = reset(&mut session);
    assert!(said.contains("safe mode, because K1 was held"), "{said}");
    assert!(!said.contains("this is"), "{said}");
    // Only the start after the reset is.
    assert!(session.soft_reset().contains("this is main"));
}

#[test]
fn a_main_that_fails_or_never_ends_leaves_a_prompt() {
    let (mut session, _) = boot(None);
    session.ask("f=open('main.py','w'); f.write('1/0'); f.close()");
    assert!(reset(&mut session).contains("ZeroDivisionError"));
    session.ask("f=open('main.py','w'); f.write('while True: pass'); f.close()");
    session.machine.reset();
    session.for_a_while();
    session.machine.serial_in(b"\x03");
    assert!(session.until_prompt().contains("KeyboardInterrupt"));
}

#[test]
fn a_volume_that_does_not_mount_is_told_and_kept() {
    // No file system at all.
    let mut noise = FlashArray::default();
    noise.load(off(None).machine.files().start + 4096, &[0x55; 64]);
    // A volume of 56 blocks, by a device that says that it has no more.
    let (mut session, _) = boot(None);
    let device = "class D:\\n def __init__(s): s.f=spiram.Flash()\\n def readblocks(s,*a): return s.f.readblocks(*a)\\n \
                  def writeblocks(s,*a): return s.f.writeblocks(*a)\\n def ioctl(s,o,a): return 56 if o==4 else s.f.ioctl(o,a)";
    session.ask(&format!("import spiram, vfs; exec('{device}')"));
    session.ask("vfs.umount('/flash'); vfs.VfsLfs2.mkfs(D())");
    let smaller = session.machine.flash();
    for (flash, why) in [
        (noise, "no littlefs in the first block"),
        (smaller, "made with 56 blocks of 8192 bytes, here are 64 of 8192"),
    ] {
        let (session, said) = boot(Some(&flash));
        assert!(said.contains(NOT_MOUNTED) && said.contains(why), "{said}");
        let after = session.machine.flash();
        // The firmware is not part of what was given.
        let files = session.machine.files().start / 8192;
        assert!(after.differing(&flash).iter().all(|index| *index < files));
    }
}

#[test]
fn the_volume_is_where_the_program_says_and_what_lies_before_it_stays() {
    let (mut session, _) = boot(None);
    let (flash, files) = (session.machine.flash(), session.machine.files());
    assert_eq!(files, 0x18_0000..0x20_0000);
    // The first block that Python sees is the first sector of it, and the last the last.
    let sum = |index: usize| {
        flash
            .sector(index)
            .iter()
            .map(|byte| u32::from(*byte))
            .sum::<u32>()
    };
    session.ask("import spiram; d=spiram.Flash(); b=bytearray(8192)");
    for (block, sector) in [(0, files.start / 8192), (1, files.start / 8192 + 1), (63, 255)] {
        let said = session.ask(&format!("d.readblocks({block},b,0); sum(b)"));
        assert!(said.ends_with(&sum(sector).to_string()), "{block}: {said}");
    }
    // Machine vision is code and constants beside it, and runs.
    session.ask("import image; i=image.Image(8,8,image.GRAYSCALE); i.draw_line(0,0,7,7)");
    assert_eq!(session.ask("i[9]"), "255");
    let again = session.machine.flash();
    assert!(
        again
            .differing(&flash)
            .iter()
            .all(|index| *index * 8192 >= files.start)
    );
}

#[test]
fn words_with_a_double_error_are_zeros_and_no_fault() {
    let (session, _) = boot(None);
    let mut flash = session.machine.flash();
    // Behind what is in use: the boot and the volume do not care.
    flash.damage(session.machine.files().start + 60 * 8192 + 32);
    let (mut session, said) = boot(Some(&flash));
    assert!(!said.contains("does not mount"), "{said}");
    session.ask("import spiram; b=bytearray(64)");
    assert_eq!(session.ask("spiram.Flash().readblocks(60,b,0)"), "0");
    assert_eq!(session.ask("b==b'\\xff'*32+bytes(16)+b'\\xff'*16"), "True");
    assert!(
        session.machine.events().is_empty(),
        "{:?}",
        session.machine.events()
    );
}
