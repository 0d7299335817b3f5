//! The tool with the real firmware on the virtual board: scripts, typed lines, figures, exit codes.

use crate::common::{Seen, elf, run, run_with, spiram};
use std::fs;
use tempfile::TempDir;

struct Run {
    folder: TempDir,
    board: &'static str,
    options: Vec<&'static str>,
}

/// A run on a board without a memory chip, which boots in no time.
fn quick() -> Run {
    Run::on("devebox", &["--psram", "none"])
}

impl Run {
    fn on(board: &'static str, options: &[&'static str]) -> Self {
        Run {
            folder: TempDir::new().unwrap(),
            board,
            options: options.to_vec(),
        }
    }

    fn base(&self) -> Vec<String> {
        let mut args: Vec<String> = ["run", "--board", self.board, "--elf"]
            .map(str::to_owned)
            .to_vec();
        args.push(elf(self.board));
        args.extend(self.options.iter().map(|&option| option.to_owned()));
        args.extend(["--stats".to_owned(), self.path("stats.json")]);
        args
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn script(&self, source: &str) -> Seen {
        fs::write(self.path("script.py"), source).unwrap();
        let mut args = self.base();
        args.push(self.path("script.py"));
        run(&args.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn typed(&self, lines: &str) -> Seen {
        run_with(
            &self.base().iter().map(String::as_str).collect::<Vec<_>>(),
            lines.as_bytes(),
        )
    }

    fn stats(&self) -> serde_json::Value {
        serde_json::from_str(&fs::read_to_string(self.path("stats.json")).unwrap()).unwrap()
    }
}

#[track_caller]
fn expect(seen: &Seen, code: i32, out: &str, err_words: &[&str]) {
    assert_eq!((seen.code, seen.out.as_str()), (Some(code), out), "{}", seen.err);
    for word in err_words {
        assert!(seen.err.contains(word), "no `{word}` in:\n{}", seen.err);
    }
    if err_words.is_empty() {
        // A board without memory chip says so, and nothing else.
        let rest: Vec<&str> = seen
            .err
            .lines()
            .filter(|line| !line.starts_with("spiram not found: "))
            .collect();
        assert_eq!(rest, [""; 0]);
    }
}

#[test]
fn a_script_prints_to_stdout_and_ends_with_0() {
    expect(
        &quick().script("print('hello')\nprint(6 * 7)\n"),
        0,
        "hello\n42\n",
        &[],
    );
}

#[test]
fn a_script_on_a_board_without_memory_chip_is_told_so_on_stderr() {
    let seen = Run::on("devebox", &["--psram", "none"]).script("print(1)\n");
    assert_eq!((seen.code, seen.out.as_str()), (Some(0), "1\n"), "{}", seen.err);
    let line = seen.err.lines().next().unwrap_or_default();
    assert!(
        line.starts_with("spiram not found: ") && line.ends_with("heap is internal SRAM only"),
        "{line}"
    );
    let seen = Run::on("devebox", &[]).script("print(1)\n");
    assert_eq!((seen.code, seen.err.as_str()), (Some(0), ""));
}

#[test]
fn a_script_that_raises_ends_with_1_and_its_traceback_on_stderr() {
    let seen = quick().script("print('before')\ndef f():\n    raise ValueError('no')\nf()\n");
    expect(&seen, 1, "before\n", &["Traceback", "line 3", "ValueError: no"]);
}

#[test]
fn a_syntax_error_ends_with_1_and_pythons_words() {
    expect(
        &quick().script("print('a')\nif True\n    pass\n"),
        1,
        "",
        &["line 2", "SyntaxError"],
    );
}

#[test]
fn an_empty_script_and_sys_exit_end_with_0() {
    expect(&quick().script(""), 0, "", &[]);
    expect(
        &quick().script("import sys\nprint('bye')\nsys.exit()\nprint('never')\n"),
        0,
        "bye\n",
        &[],
    );
}

#[test]
fn letters_beyond_ascii_arrive() {
    expect(
        &quick().script("print('µ-Python → größer')\n"),
        0,
        "µ-Python → größer\n",
        &[],
    );
}

#[test]
fn a_script_longer_than_any_buffer_arrives_whole() {
    let mut source = String::from("a = 0\n");
    for n in 0..2000 {
        source += &format!("a += {n}  # a comment to make the line long\n");
    }
    source += "print(a)\n";
    expect(&quick().script(&source), 0, "1999000\n", &[]);
}

#[test]
fn output_longer_than_any_buffer_comes_whole() {
    let seen = quick().script("for n in range(3000):\n    print('line', n)\n");
    let expected: String = (0..3000).map(|n| format!("line {n}\n")).collect();
    expect(&seen, 0, &expected, &[]);
}

#[test]
fn typed_lines_are_answered_at_the_prompt() {
    let seen = quick().typed("1 + 1\nfor i in range(2):\n    print('i', i)\n\nprint('end')\n");
    assert_eq!(seen.code, Some(0), "{}", seen.err);
    for words in [">>> 1 + 1\n2\n", "i 0\ni 1\n", ">>> print('end')\nend\n>>> \n"] {
        assert!(seen.out.contains(words), "no `{words}` in:\n{}", seen.out);
    }
}

#[test]
fn a_reader_that_has_seen_enough_is_no_mistake() {
    let run = quick();
    let mut child = spiram().args(run.base()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_program_that_reads_gets_the_next_typed_line() {
    let seen = quick().typed("name = input('who? ')\nWorld\nprint('hello', name)\n");
    assert!(seen.out.contains("hello World\n"), "{}", seen.out);
}

#[test]
fn the_heap_is_the_whole_chip_and_8_million_bytes_fit() {
    let source = "import gc\ngc.collect()\nprint(gc.mem_free() >= 8196192)\na = bytearray(8_000_000)\n\
                  a[0] = 1\na[-1] = 2\nprint(len(a), a[0], a[-1], sum(a[:1000]))\n";
    let run = Run::on("devebox", &[]);
    expect(&run.script(source), 0, "True\n8000000 1 2 1\n", &[]);
    let stats = run.stats();
    assert!(
        stats["psram"]["bytes_written"].as_u64().unwrap() > 8_000_000,
        "{stats}"
    );
    assert_eq!(
        stats["bus"]["partial_beats"], 0,
        "configuration B lets no partial beat out"
    );
    // On the wire: the limits of the ESP-PSRAM64H's data sheet, tCPH 50 ns and tCEM 8 us.
    let wire = &stats["psram"];
    assert!(wire["ncs_high_ps"]["min"].as_u64().unwrap() >= 50_000, "{wire}");
    assert!(wire["ncs_low_ps"]["max"].as_u64().unwrap() <= 8_000_000, "{wire}");
    assert_eq!(
        (&wire["refresh_violations"], &wire["rows_lost"]),
        (&0.into(), &0.into())
    );
    let by_opcode = |opcode: &str| {
        let commands = wire["commands"].as_array().unwrap();
        commands
            .iter()
            .find(|row| row["opcode"] == opcode)
            .unwrap_or_else(|| panic!("no {opcode} in {wire}"))
    };
    assert_eq!(by_opcode("0x9f")["bytes_in"], 16, "READ ID, eight bytes, twice");
    assert!(
        by_opcode("0xeb")["bytes_in"].as_u64().unwrap() > 8_000_000,
        "{wire}"
    );
    assert!(
        by_opcode("0x38")["bytes_out"].as_u64().unwrap() > 8_000_000,
        "{wire}"
    );
}

#[test]
fn both_boards_boot_and_say_who_they_are() {
    for (board, name) in [("devebox", "DEVEBOX STM32H7XX"), ("weact", "WeAct MiniSTM32H7xx")] {
        let seen = Run::on(board, &["--psram", "none"]).typed("");
        assert!(seen.out.contains(name), "{board}: {}{}", seen.out, seen.err);
        assert!(seen.out.ends_with(">>> \n"), "{board}: {}", seen.out);
    }
}

#[test]
fn the_firmware_of_another_board_is_told_as_such() {
    let seen = run_with(
        &[
            "run",
            "--board",
            "weact",
            "--psram",
            "none",
            "--elf",
            &elf("devebox"),
        ],
        b"",
    );
    assert_eq!(seen.code, Some(2), "{seen:?}");
    assert!(
        seen.err.contains("is this the firmware of another board?"),
        "{}",
        seen.err
    );
}

#[test]
fn the_figures_have_the_promised_keys() {
    let run = quick();
    run.script("print('x')\n");
    let stats = run.stats();
    for path in [
        "/virtual_cycles",
        "/instructions",
        "/psram/reads",
        "/psram/writes",
        "/psram/bytes_read",
        "/psram/bytes_written",
        "/cache/hits",
        "/cache/misses",
        "/cache/evictions",
        "/bus/partial_beats",
    ] {
        assert!(
            stats.pointer(path).is_some_and(serde_json::Value::is_u64),
            "{path} in {stats}"
        );
    }
    assert_eq!(stats["output_sha256"].as_str().unwrap().len(), 64);
    assert_eq!(stats["events"].as_array().unwrap().len(), 0);
}

#[test]
fn two_runs_are_equal_to_the_instruction() {
    let source = "import os, time\nt = time.ticks_us()\nprint(sum(hash(str(i)) & 7 for i in range(2000)))\n\
                  time.sleep_ms(5)\nprint(time.ticks_diff(time.ticks_us(), t), os.urandom(4))\n";
    let stats = [(); 2].map(|()| {
        let run = Run::on("devebox", &[]);
        let seen = run.script(source);
        assert_eq!(seen.code, Some(0), "{}", seen.err);
        (seen.out, run.stats())
    });
    assert_eq!(stats[0], stats[1]);
}

/// A read of SPI5, which has no model, by native code. The nap lets the words before it leave the board.
const TOUCH_SPI5: &str = "import micropython, time\n@micropython.viper\ndef peek(a: int) -> int:\n    return int(ptr32(a)[0])\n\
                          print('before')\ntime.sleep_ms(10)\npeek(0x40015008)\nprint('after')\n";

#[test]
fn an_event_ends_a_strict_run_with_2_and_is_told_with_its_place() {
    let run = quick();
    let seen = run.script(TOUCH_SPI5);
    expect(
        &seen,
        2,
        "before\n",
        &["1 event", "unmodelled", "SPI5", "0x40015008", "--lenient"],
    );
    let stats = run.stats();
    let event = &stats["events"][0];
    for key in ["kind", "pc", "symbol", "address", "message"] {
        assert!(event.get(key).is_some(), "{key} in {event}");
    }
    assert_eq!(event["address"], 0x4001_5008);
}

#[test]
fn a_lenient_run_goes_on_and_lists_the_event_at_the_end() {
    let run = Run::on("devebox", &["--psram", "none", "--lenient"]);
    expect(
        &run.script(TOUCH_SPI5),
        0,
        "before\nafter\n",
        &["unmodelled", "SPI5"],
    );
}

#[test]
fn a_fault_in_a_lenient_run_is_told_by_the_firmware_and_ends_with_2() {
    let run = Run::on("devebox", &["--psram", "none", "--lenient"]);
    let seen = run.script("import machine\nmachine.mem32[0xC0000000]\n");
    assert_eq!(seen.code, Some(2), "{}", seen.err);
    assert!(
        seen.out.contains("spiram fault: bus error on a data access"),
        "{}",
        seen.out
    );
    assert!(
        seen.err.contains("fault") && seen.err.contains("0xc0000000"),
        "{}",
        seen.err
    );
}

#[test]
fn a_script_that_resets_the_board_is_told_and_did_not_end() {
    let seen = quick().script("import machine\nprint('now')\nmachine.reset()\n");
    assert_eq!(seen.code, Some(1), "{}", seen.err);
    assert!(
        seen.out.starts_with("now\n") && seen.err.contains("the board was reset"),
        "{seen:?}"
    );
}

#[test]
fn a_watched_function_takes_as_long_as_pythons_clock_says_and_watching_costs_nothing() {
    const SCRIPT: &str = "\
import gc, time
l = [(i, i) for i in range(3000)]
a = time.ticks_us(); gc.collect(); b = time.ticks_us()
print(time.ticks_diff(b, a))
";
    let run = Run::on("devebox", &["--psram", "none", "--watch", "gc_collect"]);
    let seen = run.script(SCRIPT);
    assert_eq!(seen.code, Some(0), "{seen:?}");
    let us: f64 = seen.out.trim().parse().expect("microseconds");
    let stats = run.stats();
    let watched = &stats["watched"][0];
    assert_eq!(watched["symbol"], "gc_collect");
    let calls = watched["calls"].as_array().unwrap();
    let cycles = calls.last().expect("the script collects")["cycles"]
        .as_f64()
        .unwrap();
    // 280 MHz; the rest is the call of `gc.collect` and of the clock.
    let between = us - cycles / 280.0;
    assert!((0.0..20.0).contains(&between), "{us} us, {calls:?}");

    let unwatched = quick();
    unwatched.script(SCRIPT);
    for counter in ["virtual_cycles", "instructions"] {
        assert_eq!(stats[counter], unwatched.stats()[counter], "{counter}");
    }
}

#[test]
fn a_function_to_watch_that_the_firmware_does_not_have_is_told() {
    let seen = Run::on("devebox", &["--watch", "no_such_function"]).script("");
    assert_eq!(seen.code, Some(3));
    assert!(seen.err.contains("has no symbol `no_such_function`"), "{seen:?}");
}

#[test]
fn files_are_kept_from_run_to_run_in_a_file_of_the_host() {
    let mut board = quick();
    let flash: &'static str = board.path("flash.img").leak();
    board.options.extend(["--flash", flash]);
    let first = board.script("open('kept', 'w').write('x' * 5000)\nimport os\nprint(os.listdir())");
    assert_eq!(first.code, Some(0), "{first:?}");
    // The file was not closed: Python's end does that, a script's end does not.
    let second = board.script("with open('kept', 'w') as f: f.write('x' * 5000)");
    assert_eq!(second.code, Some(0), "{second:?}");
    let third = board.script("print(len(open('kept').read()))");
    assert_eq!(third.out, "5000\n", "{third:?}");
    assert_eq!(fs::metadata(flash).unwrap().len(), 512 << 10);
}

#[test]
fn a_volume_of_the_second_flash_is_mounted_and_a_damaged_one_is_told_and_kept() {
    let mut board = quick();
    let ext: &'static str = board.path("ext.img").leak();
    board.options.extend(["--ext", ext]);
    let first = board.script(
        "import spiram, vfs\nd = spiram.ExtFlash()\nvfs.VfsLfs2.mkfs(d)\nvfs.mount(vfs.VfsLfs2(d), '/ext')\n\
         with open('/ext/kept', 'w') as f: f.write('x' * 500)",
    );
    assert_eq!(first.code, Some(0), "{first:?}");
    let second = board.script("print(len(open('/ext/kept').read()))");
    assert_eq!(second.out, "500\n", "{second:?}");
    let mut content = fs::read(ext).unwrap();
    assert_eq!(content.len(), 8 << 20);
    for block in [0, 4096] {
        content[block + 20] ^= 0x55;
    }
    fs::write(ext, &content).unwrap();
    let third = board.script("import os\nprint(os.listdir('/'))");
    assert_eq!(third.out, "['flash']\n", "{third:?}");
    assert_eq!(fs::read(ext).unwrap(), content, "kept as it is");
}
