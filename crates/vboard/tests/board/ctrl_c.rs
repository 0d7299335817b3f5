//! Ctrl-C ends whatever Python does within 100 ms of virtual time, and the prompt is back.

use crate::session::Session;
use vboard::{Picos, Until};

const MILLISECOND: Picos = Picos(1_000_000_000);
const ANSWER: Picos = Picos(100 * MILLISECOND.0);

const GREY: &str = "import image; i = image.Image(800, 600, image.GRAYSCALE).draw_circle(400, 300, 200, color=255, fill=True)";

/// Files that are left open, on a disk that turns bad before they are written.
const LOSES_FILES: &str = "\
import gc, vfs
class Disk:
    bad = None
    data = bytearray(512 * 256)
    def readblocks(self, n, b):
        if not self.bad: b[:] = self.data[n * 512 : n * 512 + len(b)]
    def writeblocks(self, n, b):
        if self.bad: self.bad()
        self.data[n * 512 : n * 512 + len(b)] = b
    def ioctl(self, op, arg): return {4: 256, 5: 512}.get(op, 0)

def lose(n):
    for i in range(n): open('/d/%d' % i, 'w').write('x')

def loops():
    while True: pass

d = Disk()
vfs.VfsFat.mkfs(d)
vfs.mount(d, '/d')
";

/// What is running, how it is prepared, and what to interrupt.
const TABLE: &[(&str, &str, &str)] = &[
    ("a loop", "", "while True: pass"),
    ("a pause", "", "time.sleep(1000)"),
    ("a pause in microseconds", "", "time.sleep_us(20_000_000)"),
    ("a wait for input", "", "input()"),
    (
        "a wait for a file",
        "p = select.poll(); p.register(sys.stdin, select.POLLOUT << 8)",
        "p.poll()",
    ),
    ("a long text on the console", "t = 'x' * 100_000", "print(t)"),
    ("many items on the console", "t = list(range(20_000))", "print(t)"),
    ("a sum", "", "sum(range(1 << 29))"),
    (
        "finalisers that go on for ever",
        LOSES_FILES,
        "lose(4)\nd.bad = loops\ngc.collect()",
    ),
    (
        "finalisers that fail",
        LOSES_FILES,
        "gc.disable()\nlose(100)\nd.bad = lambda: 1 // 0\ngc.collect()",
    ),
    ("a list", "", "any(i < 0 for i in range(1 << 29))"),
    ("an iterator over itself", "", "max(map(abs, range(1 << 29)))"),
    (
        "a sort",
        "t = [i * 7919 % 100_003 for i in range(40_000)]",
        "while True: sorted(t)",
    ),
    ("a search", "t = [5] * 200_000", "while True: t.index(7)"),
    (
        "a comparison",
        "t = [5] * 200_000; u = [5] * 200_000",
        "while True: t == u",
    ),
    (
        "a pattern that goes back and back",
        "",
        "re.match('a?' * 24 + 'b', 'a' * 22)",
    ),
    ("a power of long integers", "", "pow(256, 1 << 64)"),
    (
        "a quotient of long integers",
        "x = 1 << 900_000; y = (1 << 450_000) - 1",
        "while True: x // y",
    ),
    ("a long integer's text", "x = 1 << 400_000", "str(x)"),
    ("a long integer from its text", "t = '7' * 200_000", "int(t)"),
    ("a text from a tree", "t = [[1] * 50] * 2000", "json.dumps(t)"),
    (
        "a native function that calls",
        "@micropython.native\ndef f():\n for i in range(1 << 29): abs(i)\n",
        "f()",
    ),
    (
        "a native function that adds",
        "@micropython.native\ndef f():\n x = 0\n while True: x += 1.5\n",
        "f()",
    ),
    (
        "interrupts held back",
        "",
        "machine.disable_irq()\nwhile True: pass",
    ),
    (
        "a pause with interrupts held back",
        "",
        "machine.disable_irq()\ntime.sleep(1000)",
    ),
    (
        "a scheduled function",
        "def f(_):\n while True: pass\n",
        "micropython.schedule(f, 0)\nwhile True: pass",
    ),
    ("a memory test", "import spiram", "spiram.memtest()"),
    ("a filter of an image", GREY, "i.bilateral(4)"),
    ("a median", GREY, "i.median(4)"),
    ("an image bent", GREY, "i.lens_corr(1.8)"),
    (
        "a scaled copy",
        GREY,
        "while True: i.copy(x_scale=1.3, y_scale=1.3, hint=image.BICUBIC)",
    ),
    ("a JPEG", GREY, "while True: i.to_jpeg(copy=True)"),
    ("a PNG", GREY, "while True: i.to_png(copy=True)"),
    ("a histogram", GREY, "while True: i.get_histogram()"),
    ("circles", GREY, "while True: i.find_circles()"),
    (
        "a template",
        GREY,
        "t = i.copy(roi=(300, 100, 100, 100))\nwhile True: i.find_template(t, 0.9)",
    ),
    ("edges", GREY, "while True: i.find_edges(image.EDGE_CANNY)"),
    ("lines", GREY, "while True: i.find_lines()"),
    ("segments of lines", GREY, "while True: i.find_line_segments()"),
    ("blobs", GREY, "while True: i.find_blobs([(100, 255)])"),
    ("AprilTags", GREY, "while True: i.find_apriltags()"),
    ("Data Matrix", GREY, "while True: i.find_datamatrices()"),
    ("bar codes", GREY, "while True: i.find_barcodes()"),
    (
        "a function that is scheduled behind the end",
        "def f(_):\n while True: pass\n",
        "micropython.schedule(f, 0)",
    ),
    (
        "a function that is scheduled, and an exception",
        "def f(_):\n while True: pass\n",
        "micropython.schedule(f, 0); raise ValueError",
    ),
    (
        "a pin that its own handler toggles",
        "p = machine.Pin('PB0', machine.Pin.OUT)\ndef f(x): p.value(not p.value())\n\
         p.irq(f, machine.Pin.IRQ_RISING | machine.Pin.IRQ_FALLING, hard=True)",
        "p.value(1)\nwhile True: pass",
    ),
    (
        "a memory test in a scheduled function",
        "import spiram",
        "micropython.schedule(lambda _: spiram.memtest(), 0)\nwhile True: pass",
    ),
    ("a long text in quotes", "t = 'n' * 1_000_000", "repr(t)"),
    ("a long text that is no number", "t = 'n' * 1_000_000", "int(t)"),
    ("a replacement", "t = 'n' * 1_000_000", "t.replace('n', 'mm')"),
    (
        "a text that is not found",
        "t = 'n' * 1_000_000",
        "while True: t.find('nm')",
    ),
    ("a text cut up", "t = 'n ' * 500_000", "while True: t.split()"),
    (
        "JSON that is read",
        "t = '[' + '1,' * 200_000 + '1]'",
        "json.loads(t)",
    ),
    (
        "a JSON text",
        "t = '\"' + 'n' * 1_000_000 + '\"'",
        "while True: json.loads(t)",
    ),
    (
        "a source that is compiled",
        "t = 'x = 1\\n' * 40_000",
        "compile(t, 's', 'exec')",
    ),
    ("one long comment", "t = '#' * 2_000_000", "while True: exec(t)"),
    (
        "a hash",
        "import hashlib; t = bytearray(4_000_000)",
        "while True: hashlib.sha256(t)",
    ),
    (
        "an encryption",
        "import cryptolib; t = bytearray(2_000_000)",
        "while True: cryptolib.aes(b'k' * 16, 1).encrypt(t, t)",
    ),
    (
        "a check sum",
        "import binascii; t = bytearray(4_000_000)",
        "while True: binascii.crc32(t)",
    ),
    (
        "hexadecimal digits",
        "import binascii; t = bytearray(1_000_000)",
        "while True: binascii.hexlify(t)",
    ),
    ("a text repeated", "", "while True: 'x' * 4_000_000"),
    ("a large buffer", "", "while True: bytearray(4_000_000)"),
    ("a large copy", "t = bytearray(2_500_000)", "while True: bytes(t)"),
    ("a large list", "", "while True: [None] * 1_800_000"),
    (
        "a list that grows where it cannot stay",
        "t = [None] * 700_000; u = bytearray(700_000)",
        "while True: t.extend(t); t = t[:700_000]",
    ),
    ("a copy of a list", "t = [None] * 500_000", "while True: t[:]"),
    ("a copy of a tuple", "t = (None,) * 600_000", "while True: t + t"),
    (
        "a compression",
        "import deflate, io; t = bytearray(1_000_000)",
        "deflate.DeflateIO(io.BytesIO(), deflate.ZLIB, 9).write(t)",
    ),
    (
        "a large picture",
        "import framebuf; f = framebuf.FrameBuffer(bytearray(2_000_000), 1000, 1000, framebuf.RGB565)",
        "while True: f.fill(1)",
    ),
    (
        "coroutines",
        "async def f():\n while True: await asyncio.sleep(0)\n",
        "asyncio.run(f())",
    ),
];

/// A board at the raw prompt.
fn boot() -> Session {
    let (mut session, _) = Session::boot("devebox", "esp-psram64h");
    session.machine.serial_in(b"\r\x03\x01");
    session.until(b"CTRL-B to exit\r\n>", ms(1000));
    run(
        &mut session,
        "import asyncio, json, machine, micropython, re, select, sys, time",
    );
    session
}

fn ms(n: u64) -> Picos {
    Picos(n * MILLISECOND.0)
}

fn run(session: &mut Session, source: &str) {
    start(session, source);
    session.until(b"\x04", ms(5000));
    session.until(b"\x04>", ms(100));
}

fn start(session: &mut Session, source: &str) {
    session.machine.serial_in(source.as_bytes());
    session.machine.serial_in(b"\x04");
    session.until(b"OK", ms(1000));
}

/// Starts the source, presses Ctrl-C after so long, and says how long the answer took. The mark behind the program's output is the
/// answer; its traceback follows.
fn interrupted(session: &mut Session, what: &str, source: &str, after: Picos) -> Picos {
    start(session, source);
    let until = session.machine.now() + after;
    session.machine.run(Until {
        time: until,
        output: false,
        idle: false,
    });
    session.machine.pass(until);
    let said = session.machine.serial_out();
    assert!(
        !said.contains(&4),
        "{what} has ended: {}",
        String::from_utf8_lossy(&said)
    );
    session.machine.serial_in(b"\x03");
    let (start, mut said) = (session.machine.now(), Vec::new());
    while !said.contains(&4) && session.machine.now() - start < Picos(1000 * MILLISECOND.0) {
        session.machine.run(Until {
            time: start + Picos(1000 * MILLISECOND.0),
            output: true,
            idle: false,
        });
        said.extend(session.machine.serial_out());
    }
    let took = session.machine.now() - start;
    println!(
        "{:>8.1} ms  {what}, after {} ms",
        took.0 as f64 / 1e9,
        after.0 / MILLISECOND.0
    );
    took
}

#[test]
fn everything_ends_within_a_tenth_of_a_second() {
    let mut session = boot();
    let ready = session.machine.snapshot();
    let mut late = Vec::new();
    for (what, before, source) in TABLE {
        session.machine.restore(&ready);
        if !before.is_empty() {
            run(&mut session, before);
        }
        let took = interrupted(&mut session, what, source, Picos(40 * MILLISECOND.0));
        if took > ANSWER {
            late.push(format!("{what}: {} ms", took.0 / MILLISECOND.0));
            continue;
        }
        session.until(b"\x04>", ms(1000));
        run(&mut session, "print(1)");
    }
    assert!(late.is_empty(), "{late:#?}");
}

/// While the prompt waits Ctrl-C is a key like others; it ends what is scheduled all the same, and takes away who did that.
#[test]
fn what_a_timer_calls_ends_at_the_prompt() {
    let mut session = boot();
    run(
        &mut session,
        "def f(_):\n while True: pass\nt = machine.Timer(3, freq=1000, callback=f)",
    );
    let busy = session.machine.now() + ms(50);
    session.machine.run(Until {
        time: busy,
        output: false,
        idle: false,
    });
    session.machine.pass(busy);
    session.machine.serial_in(b"\x03");
    session.until(b"KeyboardInterrupt: \r\n", ms(100));
    run(&mut session, "print(1)");
}

/// The mark comes before the exception here.
#[test]
fn an_exception_that_is_printed_without_end_ends() {
    let mut session = boot();
    run(
        &mut session,
        "class E(Exception):\n def __repr__(self):\n  while True: pass\n",
    );
    start(&mut session, "raise E");
    session.until(b"<module>\r\n", ms(100));
    session.machine.serial_in(b"\x03");
    session.until(
        b"\nKeyboardInterrupt while an exception was printed\r\n\x04>",
        ms(100),
    );
    run(&mut session, "print(1)");
}

/// The raw prompt compiles nothing while the heap is locked.
#[test]
fn a_heap_that_was_left_locked_is_unlocked() {
    let mut session = boot();
    run(&mut session, "micropython.heap_lock()");
    start(&mut session, "print(micropython.heap_locked(), [1])");
    session.until(b"0 [1]\r\n", ms(100));
}

/// The tests of the memory chip, each of which has loops of its own.
#[test]
fn a_self_test_ends_at_any_time() {
    let mut session = boot();
    run(&mut session, "import spiram");
    let ready = session.machine.snapshot();
    let mut late = Vec::new();
    for (source, times_ms) in [
        ("spiram.selftest('own')", &[100, 300, 500, 700][..]),
        ("spiram.selftest('random')", &[60, 200]),
        ("spiram.speed()", &[5, 60, 150]),
        ("spiram.sweep()", &[20, 60, 80, 100]),
    ] {
        for &time_ms in times_ms {
            session.machine.restore(&ready);
            let took = interrupted(&mut session, source, source, Picos(time_ms * MILLISECOND.0));
            if took > ANSWER {
                late.push(format!(
                    "{source} after {time_ms} ms: {} ms",
                    took.0 / MILLISECOND.0
                ));
                continue;
            }
            session.until(b"\x04>", ms(1000));
            run(&mut session, "print(spiram.info()['configuration'])");
        }
    }
    assert!(late.is_empty(), "{late:#?}");
}
