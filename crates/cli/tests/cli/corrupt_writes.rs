//! The corrupt writes of 2021, on the virtual board with the real firmware: the way that loses stores does lose them, the
//! ways that the firmware uses do not, and a core on which the fast way is not safe is noticed at boot.

use crate::common::{Seen, elf, run, run_with};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use tempfile::TempDir;

struct Board {
    folder: TempDir,
    options: Vec<&'static str>,
}

impl Board {
    fn new(options: &[&'static str]) -> Self {
        Board {
            folder: TempDir::new().unwrap(),
            options: options.to_vec(),
        }
    }

    fn script(&self, source: &str) -> Seen {
        let path = |name: &str| self.folder.path().join(name).to_str().unwrap().to_owned();
        fs::write(path("script.py"), source).unwrap();
        let (elf, stats, script) = (elf("devebox"), path("stats.json"), path("script.py"));
        let mut args = vec!["run", "--elf", &elf, "--stats", &stats];
        args.extend(&self.options);
        args.push(&script);
        run(&args)
    }

    fn selftest(&self, level: &str) -> Report {
        let seen = self.script(&format!("import spiram\nprint(spiram.selftest({level:?}))\n"));
        assert_eq!(seen.code, Some(0), "{}\n{}", seen.out, seen.err);
        Report(seen.out)
    }

    fn partial_beats(&self) -> u64 {
        let text = fs::read_to_string(self.folder.path().join("stats.json")).unwrap();
        let stats: serde_json::Value = serde_json::from_str(&text).unwrap();
        stats["bus"]["partial_beats"].as_u64().unwrap()
    }
}

/// The quick self-test of a healthy board, and the partial beats that it takes; several tests look at it.
static HEALTHY: LazyLock<(Report, u64)> = LazyLock::new(|| {
    let board = Board::new(&[]);
    (board.selftest("quick"), board.partial_beats())
});

/// What the self-test has printed.
struct Report(String);

impl Report {
    /// The outcome of one test.
    fn outcome(&self, name: &str) -> &str {
        let line = self
            .0
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("no line `{name}` in:\n{}", self.0))
    }

    /// Wrong places, zero ones among them, those at the start of a beat; none of all if it passed.
    fn failures(&self, name: &str) -> [u32; 3] {
        let text = self.outcome(name);
        if text.starts_with("pass") {
            return [0; 3];
        }
        let mut parts = text.strip_prefix("FAIL ").expect(text).split(", ");
        [0; 3].map(|_: u32| {
            let part = parts.next().expect(text);
            part.split(' ').next().unwrap().parse().expect(text)
        })
    }

    fn ends_with(&self, verdict: &str) -> bool {
        self.0.trim_end().ends_with(verdict)
    }
}

#[test]
fn the_configuration_in_force_passes_everything_without_a_partial_beat() {
    let board = Board::new(&[]);
    let report = board.selftest("own");
    assert!(
        report.ends_with("spiram selftest own: PASS\nTrue"),
        "{}",
        report.0
    );
    assert!(
        report
            .outcome("configuration:")
            .starts_with("B (write-back), DISRAMODE 1")
    );
    for test in [
        "T1-lanes",
        "T2-stream",
        "T3-irq-1kHz",
        "T3-irq-20kHz",
        "T5-shapes",
        "T6-edges",
        "T8-masters",
        "T9-random",
    ] {
        assert_eq!(report.failures(&format!("B {test}")), [0; 3], "{test}");
    }
    assert_eq!(board.partial_beats(), 0);
}

#[test]
fn there_are_as_many_random_accesses_as_one_likes() {
    let board = Board::new(&[]);
    let seen = board.script(
        "import spiram\nprint(spiram.selftest('random', rounds=40_000))\nspiram.selftest('random', rounds=-1)\n",
    );
    assert_eq!(seen.code, Some(1), "{}", seen.out);
    assert!(
        seen.err
            .contains("ValueError: argument 'rounds' must be an int from 0"),
        "{}",
        seen.err
    );
    let report = Report(seen.out);
    assert!(
        report.ends_with("spiram selftest random: PASS\nTrue"),
        "{}",
        report.0
    );
    // About half of them are loads, and all 2048 words are looked at in the end.
    let outcome = report.outcome("B T9-random");
    let places: u32 = outcome
        .strip_prefix("pass (")
        .and_then(|rest| rest.split(' ').next())
        .and_then(|number| number.parse().ok())
        .expect(outcome);
    assert!((15_000 + 2048..20_000 + 2048).contains(&places), "{outcome}");
    assert_eq!(board.partial_beats(), 0);
}

#[test]
fn with_the_timing_of_2021_halfwords_become_zero_at_a_rate_that_grows_with_the_interrupts() {
    // The timing breaks rules of the chip, hence lenient.
    let report = Board::new(&["--lenient"]).selftest("2021");
    assert!(report.ends_with("False"), "{}", report.0);
    let [none, few, many] =
        ["T2-stream", "T3-irq-1kHz", "T3-irq-20kHz"].map(|test| report.failures(&format!("B0/2021 {test}")));
    assert_eq!(none, [0; 3]);
    assert!(few[0] > 0 && many[0] > 5 * few[0], "{few:?} {many:?}");
    for [wrong, zero, at_beat] in [few, many] {
        assert_eq!(wrong, zero, "neither new nor old: zero");
        assert!(at_beat * 8 > wrong, "the first places of a beat among them");
    }
}

#[test]
fn the_quick_test_tells_b_from_b0_and_leaves_the_program_alone() {
    let seen = Board::new(&[]).script(
        "import spiram\n\
         kept = [bytes([i & 255]) * 100 for i in range(2000)]\n\
         print(spiram.selftest())\n\
         print(all(kept[i] == bytes([i & 255]) * 100 for i in range(2000)))\n",
    );
    assert_eq!(seen.code, Some(0), "{}", seen.err);
    let report = Report(seen.out);
    assert!(
        report.ends_with("spiram selftest quick: PASS\nTrue\nTrue"),
        "{}",
        report.0
    );
    for configuration in ["A", "B"] {
        assert_eq!(report.failures(&format!("{configuration} T3-irq-20kHz")), [0; 3]);
    }
    assert_eq!(report.failures("B T4-disramode"), [0; 3]);
    assert!(report.failures("B0 T3-irq-20kHz")[0] > 0, "{}", report.0);
    assert!(report.failures("B0 T4-disramode")[0] > 0, "{}", report.0);
}

#[test]
#[ignore = "long"]
fn neither_a_mask_pin_nor_stale_lanes_would_explain_the_zeros() {
    // Stale lanes of the second half of a cut beat are the first half itself, so a stream heals.
    for erratum in ["lanes-keep", "lanes-stale"] {
        let report = Board::new(&["--errata", erratum]).selftest("quick");
        assert_eq!(
            report.failures("B0 T3-irq-20kHz"),
            [0; 3],
            "{erratum}: {}",
            report.0
        );
    }
}

#[test]
#[ignore = "long"]
fn a_store_buffer_that_exceptions_leave_alone_would_not_explain_them_either() {
    let board = Board::new(&["--errata", "entry-keeps"]);
    let report = board.selftest("quick");
    assert_eq!(report.failures("B0 T3-irq-20kHz"), [0; 3], "{}", report.0);
    assert_eq!(report.failures("B T3-irq-20kHz"), [0; 3], "{}", report.0);
    // The lanes test, one store between others, cuts beats without an exception.
    assert!(board.partial_beats() < HEALTHY.1);
}

#[test]
#[ignore = "long"]
fn a_dma_loses_nothing_through_its_leases_and_without_them_it_depends() {
    let report = &HEALTHY.0;
    assert_eq!(report.failures("B T8-masters"), [0; 3]);
    for width in [8, 16, 32, 64] {
        assert_eq!(report.failures(&format!("B/raw T8-{width}-bit")), [0; 3]);
    }
    // A length that is no multiple of 64 bits is refused: MDMA's error bits BSE and TED, and 100 bytes that stay old.
    assert_eq!(report.failures("B/raw T8-tail")[0], 1 + 100);
    assert!(report.outcome("B/raw T8-tail").contains("found 0x00000880"));
    // The cache keeps all four lines as they were.
    assert_eq!(report.failures("B/raw T8-uncleaned")[0], 128);
}

#[test]
#[ignore = "long"]
fn if_narrow_beats_were_joined_on_their_way_only_the_leases_would_hold() {
    let report = Board::new(&["--errata", "dma-joined"]).selftest("quick");
    assert_eq!(report.failures("B T8-masters"), [0; 3]);
    assert_eq!(report.failures("B/raw T8-64-bit"), [0; 3]);
    for width in [8, 16, 32] {
        // The rest of the first beat, and of the last.
        let [wrong, zero, _] = report.failures(&format!("B/raw T8-{width}-bit"));
        assert_eq!((wrong, zero), (8, 8), "{width} bits: {}", report.0);
    }
}

const BROKEN: &[&str] = &["--errata", "disramode-ineffective"];

#[test]
fn a_core_that_streams_past_its_cache_is_noticed_at_boot_and_the_chip_is_reached_strongly_ordered() {
    let board = Board::new(BROKEN);
    let seen = board.script(
        "import spiram, gc\ninfo = spiram.info()\nprint(info['configuration'])\nprint(info['why'])\nprint(gc.mem_free() > 9_000_000)\n",
    );
    assert_eq!(seen.code, Some(0), "{}", seen.err);
    let lines: Vec<&str> = seen.out.lines().collect();
    assert_eq!((lines[0], lines[2]), ("strongly-ordered", "True"), "{}", seen.out);
    assert!(
        lines[1].starts_with("write-back loses stores here (address 0x900"),
        "{}",
        seen.out
    );
    // What went out is from the attempt; nothing comes after it.
    let attempt = board.partial_beats();
    assert!(attempt > 0);
    let report = board.selftest("own");
    assert!(report.ends_with("PASS\nTrue"), "{}", report.0);
    assert_eq!(report.failures("A T9-random"), [0; 3]);
    assert_eq!(report.failures("A T8-masters"), [0; 3]);
    assert_eq!(board.partial_beats(), attempt);
}

#[test]
#[ignore = "long"]
fn python_means_the_same_in_strongly_ordered_memory() {
    let source = basics();
    let fast = Board::new(&[]).script(&source);
    let slow = Board::new(BROKEN).script(&source);
    assert_eq!(fast.code, Some(0), "{}\n{}", fast.out, fast.err);
    assert_eq!(slow.code, Some(0), "{}\n{}", slow.out, slow.err);
    assert!(fast.out.ends_with("the end\n"), "{}", fast.out);
    assert_eq!(slow.out, fast.out);
}

#[test]
#[ignore = "long"]
fn an_unaligned_store_of_a_viper_function_faults_in_strongly_ordered_memory_only() {
    // Larger than fast memory, so that it lies in the chip.
    let source = "import uctypes\n\
        buffer = bytearray(2_000_000)\n\
        @micropython.viper\n\
        def put(address: int, value: int):\n    \
            ptr32(address)[0] = value\n\
        put(uctypes.addressof(buffer) + 1, 0x44332211)\n\
        print(list(buffer[:6]))\n";
    let fast = Board::new(&[]).script(source);
    assert_eq!(
        (fast.code, fast.out.as_str()),
        (Some(0), "[0, 17, 34, 51, 68, 0]\n"),
        "{}",
        fast.err
    );
    let slow = Board::new(BROKEN).script(source);
    assert_eq!(slow.code, Some(2), "{}", slow.out);
    assert!(slow.err.contains("unaligned"), "{}", slow.err);
}

/// Some of MicroPython's own tests in one script: those that handle raw memory most.
fn basics() -> String {
    const TOPICS: [&str; 9] = [
        "array",
        "bytearray",
        "bytes",
        "dict",
        "gc",
        "int_big",
        "memoryview",
        "string",
        "struct",
    ];
    let folder = std::env::var_os("MICROPY_DIR")
        .map(PathBuf::from)
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.deps/micropython"));
    let folder = folder.join("tests/basics");
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| {
        panic!(
            "{}: {error}: run `cargo xtask setup`, or set MICROPY_DIR",
            folder.display()
        )
    });
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| {
        let name = path.file_name().unwrap().to_str().unwrap();
        name.ends_with(".py") && TOPICS.iter().any(|topic| name.starts_with(topic))
    });
    files.sort();
    assert!(
        files.len() > 80,
        "only {} tests in {}",
        files.len(),
        folder.display()
    );
    let mut script = String::new();
    for file in files {
        let name = file.file_name().unwrap().to_str().unwrap();
        let text = fs::read_to_string(&file).unwrap();
        // A test that does not apply ends with SystemExit.
        script += &format!("print({name:?})\ntry:\n exec({text:?}, {{}})\nexcept SystemExit:\n pass\n");
    }
    script + "print('the end')\n"
}

#[test]
fn without_a_chip_there_is_nothing_to_test() {
    let seen = Board::new(&["--psram", "none"]).script("import spiram\nspiram.selftest()\n");
    assert_eq!(seen.code, Some(1));
    assert!(
        seen.err.contains("RuntimeError: no PSRAM to test"),
        "{}",
        seen.err
    );
    let seen = Board::new(&["--psram", "none"]).script("import spiram\nspiram.selftest('hard')\n");
    assert!(seen.err.contains("ValueError: level must be"), "{}", seen.err);
}

#[test]
fn a_controller_that_keeps_chip_select_low_after_a_write_is_told_at_boot() {
    let words = "spiram chip select stays low after a write";
    let elf = elf("devebox");
    let boot = |options: &[&str]| run_with(&[&["run", "--elf", &elf], options].concat(), b"1 + 1\r\n");
    let seen = boot(&["--lenient", "--errata", "writes-stay-open"]);
    assert!(seen.out.contains(words), "{seen:?}");
    assert!(
        seen.err.contains("tCEM"),
        "and the memory says the same: {seen:?}"
    );
    let seen = boot(&[]);
    assert!(
        seen.out.contains("spiram eid") && !seen.out.contains(words),
        "{seen:?}"
    );
}
