//! The firmware of a board at the end of a USB cable: what users of other boards met there (facts from their reports), and
//! what a host does that means no good.

use crate::session::Session;
use chipmodel::noise::Noise;
use vboard::ends::usb::{Host, Outcome, Request};
use vboard::{Picos, Until};

const MILLISECOND: Picos = Picos(1_000_000_000);
const PROMPT: &str = "\r\n>>> ";

/// A board whose USB is at a host that has the serial port open.
struct Usb {
    session: Session,
}

impl Usb {
    /// At the prompt, which came over USB.
    fn boot() -> Self {
        let mut usb = Usb {
            session: Session::new("devebox", "none"),
        };
        usb.session
            .machine
            .plug_usb(Host::new(true))
            .expect("a connector");
        let said = usb.until(PROMPT, 3000);
        assert!(said.contains("MicroPython v"), "{said}");
        usb
    }

    fn pass(&mut self, ms: u64) {
        let end = self.session.machine.now() + Picos(ms * MILLISECOND.0);
        self.session.machine.run(Until::time(end));
        assert!(
            self.session.machine.is_clean(),
            "{:?}",
            self.session.machine.events()
        );
    }

    fn said(&mut self) -> String {
        String::from_utf8_lossy(&self.session.machine.serial_out()).into_owned()
    }

    /// What comes up to and with `words`, within so many milliseconds.
    fn until(&mut self, words: &str, most_ms: u64) -> String {
        let mut said = String::new();
        for _ in 0..most_ms {
            self.pass(1);
            said += &self.said();
            if said.ends_with(words) {
                return said;
            }
        }
        panic!(
            "no {words:?} in {most_ms} ms: {said:?}; {:?}",
            self.host(|host| host.failure().map(str::to_owned))
        );
    }

    fn type_in(&mut self, text: &str) {
        self.session.machine.serial_in(text.as_bytes());
    }

    /// A line at the prompt, and what it prints.
    fn line(&mut self, line: &str) -> String {
        self.type_in(&format!("{line}\r"));
        let said = self.until(PROMPT, 20_000);
        let printed = said.strip_prefix(&format!("{line}\r\n")).unwrap_or(&said);
        printed
            .strip_suffix(PROMPT.trim_start())
            .unwrap_or(printed)
            .trim_end()
            .to_owned()
    }

    fn host<T>(&mut self, action: impl FnOnce(&mut Host) -> T) -> T {
        self.session
            .machine
            .with_usb(|host, _, _| action(host))
            .expect("a cable")
    }

    fn ask(&mut self, request: Request) -> Outcome {
        let id = self.host(|host| host.submit(request));
        for _ in 0..2000 {
            self.pass(1);
            while let Some((ended, outcome)) = self.host(Host::take_finished) {
                if ended == id {
                    return outcome;
                }
            }
        }
        panic!("no answer");
    }

    fn control(&mut self, setup: [u8; 8]) -> Outcome {
        let data = Vec::new();
        self.ask(Request::Control { setup, data })
    }

    /// The prompt on the UART is alive, and so is the heap.
    fn assert_alive(&mut self) {
        self.session.machine.set_console_over_usb(false);
        self.session.machine.serial_out();
        self.type_in("import spiram; spiram.heap(check=True) and 0; 6*7\r");
        let said = self.until(PROMPT, 5000);
        self.session.machine.set_console_over_usb(true);
        assert!(said.contains("\n42\r\n"), "{said}");
    }
}

#[test]
fn output_of_any_length_arrives_without_another_write() {
    let mut usb = Usb::boot();
    usb.line("import sys, time");
    usb.type_in("for n in range(1, 522): _ = (time.sleep_ms(12), sys.stdout.buffer.write(b'x' * n))\r\r");
    usb.until("... \r\n", 100);
    let mut at = usb.session.machine.now();
    for n in 1..=520usize {
        // The program sleeps 12 ms, and prints; 10 ms later all has to be there.
        at = at + Picos(12 * MILLISECOND.0);
        let mut got = String::new();
        while got.len() < n && usb.session.machine.now() < at + Picos(10 * MILLISECOND.0) {
            usb.pass(1);
            got += &usb.said();
        }
        assert_eq!(got.len(), n, "{got}");
        at = usb.session.machine.now();
    }
}

#[test]
fn a_megabyte_in_one_write_has_one_empty_packet_at_most() {
    let mut usb = Usb::boot();
    usb.line("import sys");
    usb.host(|host| *host.counts() = Default::default());
    let before = usb.session.machine.now();
    usb.type_in("d = bytes(range(33, 97)) * 256\r");
    usb.until(PROMPT, 100);
    usb.type_in("for i in range(64): _ = sys.stdout.buffer.write(d)\r\r\r");
    let said = usb.until(PROMPT, 20_000);
    let counts = usb.host(|host| *host.counts());
    assert_eq!(said.matches('!').count(), 64 * 256, "nothing is lost");
    let took = (usb.session.machine.now() - before).0 / MILLISECOND.0;
    assert!(took < 1200, "1 MB took {took} ms");
    // The echo of what was typed ends a transfer of its own each.
    assert!(counts.empty_in <= 4, "{counts:?}");
}

#[test]
fn what_the_host_sends_ahead_waits() {
    let mut usb = Usb::boot();
    usb.type_in("import sys, time\r");
    usb.until(PROMPT, 1000);
    usb.type_in("import micropython; micropython.kbd_intr(-1); time.sleep(3); d = sys.stdin.buffer.read(100000); micropython.kbd_intr(3)\r");
    usb.pass(50);
    let sent: Vec<u8> = (0..100_000u32).map(|n| (n % 251) as u8).collect();
    usb.session.machine.serial_in(&sent);
    usb.until(PROMPT, 20_000);
    let said = usb.line("print(len(d), all(d[i] == i % 251 for i in range(100000)))");
    assert_eq!(said, "100000 True");
}

#[test]
fn ctrl_c_arrives_in_the_middle_of_anything() {
    let mut usb = Usb::boot();
    for program in [
        "while True: pass\r",
        "import time; time.sleep(1000)\r",
        "while True: print('x' * 100)\r",
    ] {
        usb.type_in(program);
        usb.type_in("\r\r");
        usb.pass(200);
        usb.said();
        usb.type_in("\x03");
        let said = usb.until(PROMPT, 1000);
        assert!(said.contains("KeyboardInterrupt"), "{program}: {said}");
    }
}

#[test]
fn ctrl_c_is_seen_behind_input_that_nobody_reads() {
    let mut usb = Usb::boot();
    usb.type_in("while True: pass\r\r\r");
    usb.pass(50);
    usb.type_in(&"#".repeat(900));
    usb.pass(100);
    usb.type_in("\x03");
    let said = usb.until("#", 3000);
    assert!(said.contains("KeyboardInterrupt"), "{said}");
}

#[test]
fn nobody_waits_for_a_port_that_is_closed_and_the_newest_is_kept() {
    let mut usb = Usb::boot();
    usb.line("import time");
    usb.type_in("def f():\r t = time.ticks_ms()\r for i in range(1000): print('line', i)\r print(time.ticks_diff(time.ticks_ms(), t))\r\r");
    usb.until(PROMPT, 1000);
    usb.type_in("time.sleep_ms(200); f()\r");
    usb.pass(100);
    usb.host(Host::close);
    usb.said();
    usb.pass(3000);
    assert_eq!(usb.said(), "");
    usb.host(|host| host.open(115_200));
    usb.pass(200);
    let said = usb.said();
    assert!(
        said.ends_with(PROMPT) && said.len() == 4096,
        "{}: {said}",
        said.len()
    );
    let lines: Vec<&str> = said.lines().collect();
    let took: u32 = lines[lines.len() - 2].parse().expect("a time");
    // 10 KB at the speed of the UART, which is waited for again.
    assert!((700..1100).contains(&took), "{took} ms");
    assert_eq!(usb.line("1+1"), "2");
}

#[test]
fn a_cable_that_is_pulled_in_the_middle_of_a_write_stops_nothing() {
    let mut usb = Usb::boot();
    usb.line("import sys");
    usb.type_in("_ = sys.stdout.buffer.write(b'y' * 100000)\r");
    usb.pass(20);
    usb.host(|host| host.plug(false));
    usb.pass(10_000);
    usb.said();
    usb.assert_alive();
    usb.host(|host| host.plug(true));
    usb.pass(1000);
    usb.said();
    assert_eq!(usb.line("7*6"), "42");
}

#[test]
fn a_host_that_never_reads_is_given_up_and_found_again() {
    let mut usb = Usb::boot();
    usb.host(|host| host.set_reads(false));
    usb.type_in("for i in range(300): print('z' * 50)\r\r\r");
    usb.pass(12_000);
    usb.assert_alive();
    usb.host(|host| host.set_reads(true));
    usb.pass(100);
    assert!(usb.said().ends_with(PROMPT));
    assert_eq!(usb.line("7*6"), "42");
}

#[test]
fn sleep_of_the_bus_ends_as_it_began() {
    let mut usb = Usb::boot();
    usb.type_in("import time; time.sleep_ms(500); print('after')\r");
    usb.pass(50);
    usb.session
        .machine
        .with_usb(|host, otg, fx| host.suspend(otg, fx));
    usb.pass(2000);
    let now = usb.session.machine.now();
    usb.host(|host| host.resume(now));
    let said = usb.until(PROMPT, 500);
    assert!(said.contains("after\r\n"), "{said}");
    assert_eq!(usb.line("7*6"), "42");
}

#[test]
fn a_reset_of_the_bus_in_the_middle_of_output_leaves_a_sound_port() {
    let mut usb = Usb::boot();
    for _ in 0..3 {
        usb.type_in("for i in range(2000): print('r' * 50)\r\r\r");
        usb.pass(30);
        let now = usb.session.machine.now();
        usb.host(|host| host.reset(now));
        usb.pass(11_000);
        usb.said();
        assert_eq!(usb.line("7*6"), "42");
    }
}

#[test]
fn both_resets_come_back_by_themselves() {
    let mut usb = Usb::boot();
    usb.type_in("\x04");
    assert!(usb.until(PROMPT, 3000).contains("soft reboot"));
    usb.type_in("import machine; machine.reset()\r");
    let said = usb.until(PROMPT, 5000);
    assert!(said.contains("MicroPython v"), "{said}");
    usb.type_in("machine = None; import machine; machine.lightsleep(500)\r");
    usb.pass(4000);
    usb.said();
    assert_eq!(usb.line("7*6"), "42");
}

/// ST's boot loader, and ours.
const ROM: (u16, u16) = (0x0483, 0xDF11);
const LOADER: (u16, u16) = (0x1209, 0x0002);

/// Whether this device shows itself to the host.
fn becomes(usb: &mut Usb, id: (u16, u16)) -> bool {
    (0..1000).for_each(|_| usb.pass(1));
    let found = usb.host(|host| host.device().map(vboard::ends::usb::Device::id));
    found == Some(id)
}

#[test]
fn a_touch_at_1200_baud_enters_the_boot_loader_and_another_speed_does_not() {
    let mut usb = Usb::boot();
    usb.host(Host::close);
    usb.pass(500);
    usb.host(|host| host.open(9600));
    usb.pass(50);
    usb.host(Host::close);
    usb.pass(500);
    usb.host(|host| host.open(1200));
    usb.pass(50);
    usb.host(Host::close);
    assert!(becomes(&mut usb, LOADER), "{:?}", usb.session.machine.events());
}

/// Set the address, and leave.
fn leave_the_loader(usb: &mut Usb) -> String {
    let set_address = vec![0x21, 0, 0, 0, 8];
    let setup = [0x21, 1, 0, 0, 0, 0, 5, 0];
    usb.ask(Request::Control {
        setup,
        data: set_address,
    });
    for _ in 0..2 {
        usb.control([0xA1, 3, 0, 0, 0, 0, 6, 0]);
    }
    usb.control([0x21, 1, 0, 0, 0, 0, 0, 0]);
    usb.control([0xA1, 3, 0, 0, 0, 0, 6, 0]);
    usb.until(PROMPT, 3000)
}

#[test]
fn a_program_enters_the_boot_loader_and_comes_back() {
    let mut usb = Usb::boot();
    usb.type_in("import machine; machine.bootloader()\r");
    assert!(becomes(&mut usb, LOADER), "{:?}", usb.session.machine.events());
    let said = leave_the_loader(&mut usb);
    assert!(said.contains("MicroPython v"), "{said}");
    assert_eq!(usb.line("7*6"), "42");
}

#[test]
fn a_program_enters_the_boot_loader_in_rom() {
    let mut usb = Usb::boot();
    usb.type_in("import machine; machine.bootloader(rom=True)\r");
    assert!(becomes(&mut usb, ROM), "{:?}", usb.session.machine.events());
    // The program starts with the boot loader's vector table still set.
    let said = leave_the_loader(&mut usb);
    assert!(said.contains("MicroPython v"), "{said}");
    assert_eq!(usb.line("7*6"), "42");
}

#[test]
fn requests_to_endpoints_and_interfaces_are_told_apart() {
    let mut usb = Usb::boot();
    let is_done = |outcome: &Outcome| matches!(outcome, Outcome::Done { .. });
    // CLEAR_FEATURE(ENDPOINT_HALT) of the data endpoint.
    assert!(is_done(&usb.control([2, 1, 0, 0, 0x82, 0, 0, 0])));
    assert_eq!(usb.control([2, 1, 0, 0, 0x0F, 0, 0, 0]), Outcome::Stall);
    // GET_STATUS of an interface that does not exist.
    assert_eq!(usb.control([0x81, 0, 0, 0, 7, 0, 2, 0]), Outcome::Stall);
    // GET_LINE_CODING tells what was set.
    let coding = usb.control([0xA1, 0x21, 0, 0, 0, 0, 7, 0]);
    let Outcome::Done { received, .. } = coding else {
        panic!("{coding:?}")
    };
    assert_eq!(received, [0x00, 0xC2, 1, 0, 0, 0, 8]);
    // The toggles begin anew on both sides: nothing is lost.
    assert!(is_done(&usb.control([0, 9, 1, 0, 0, 0, 0, 0])));
    assert_eq!(usb.line("7*6"), "42");
}

/// One of so many.
fn below(noise: &mut Noise, most: u64) -> u64 {
    noise.next() % most
}

/// Requests of which most mean nothing, with data of a length that need not fit.
fn nonsense(draw: &mut Noise) -> Request {
    let mut setup = draw.next().to_le_bytes();
    // Half of them are near to what is right.
    if below(draw, 2) == 0 {
        setup[0] = [0x00, 0x01, 0x02, 0x80, 0x81, 0x82, 0x21, 0xA1][below(draw, 8) as usize];
        setup[1] = below(draw, 0x25) as u8;
        setup[3] = below(draw, 16) as u8;
        setup[5] = 0;
        setup[7] = 0;
    }
    // A new address would be kept by the device and not by the host; that is not the device's fault.
    if setup[0] == 0 && setup[1] == 5 {
        setup[1] = 9;
    }
    let wanted = u16::from_le_bytes([setup[6], setup[7]]);
    let data = match setup[0] & 0x80 {
        0 => vec![draw.next() as u8; usize::from(wanted)],
        _ => Vec::new(),
    };
    Request::Control { setup, data }
}

/// How many requests the fuzzer of the test draws; `SPIRAM_USB_REQUESTS` asks for more.
fn requests() -> u64 {
    let asked = std::env::var("SPIRAM_USB_REQUESTS");
    asked.ok().and_then(|text| text.parse().ok()).unwrap_or(2000)
}

#[test]
fn nonsense_of_a_host_harms_nobody() {
    let mut usb = Usb::boot();
    let mut draw = Noise::new(1);
    for n in 0..requests() {
        let request = match below(&mut draw, 8) {
            0 => Request::Out {
                endpoint: below(&mut draw, 4) as u8,
                data: vec![b'#'; below(&mut draw, 200) as usize],
                ends_short: below(&mut draw, 2) == 0,
            },
            1 => Request::In {
                endpoint: below(&mut draw, 4) as u8,
                bytes: 64,
            },
            _ => nonsense(&mut draw),
        };
        let id = usb.host(|host| host.submit(request));
        usb.pass(1 + below(&mut draw, 2));
        if below(&mut draw, 4) == 0 || n % 16 == 15 {
            usb.pass(2);
            usb.host(|host| host.cancel(id));
        }
        usb.host(|host| while host.take_finished().is_some() {});
        if n % 500 == 499 {
            let now = usb.session.machine.now();
            usb.host(|host| host.reset(now));
            usb.pass(400);
            usb.said();
            usb.type_in("\x03");
            usb.until(PROMPT, 500);
            assert_eq!(usb.line("7*6"), "42", "after {n} requests");
            usb.assert_alive();
        }
    }
}
