//! Lamps and keys of both boards, from Python's side and from the outside, by the names of the board files.

use vboard::board::{Board, Level, Pin, Pull};
use vboard::{Config, Machine, MemoryChip, Picos, Stop, Strictness, Until};

const PROMPT: &str = "\r\n>>> ";
/// Without a memory chip a board boots in far less.
const PATIENCE: Picos = Picos(10_000_000_000_000);

struct Bench {
    board: Board,
    machine: Machine,
}

impl Bench {
    fn new(name: &str) -> Self {
        let path = std::env::var(format!("SPIRAM_ELF_{}", name.to_uppercase()))
            .unwrap_or_else(|_| format!("{}/../../target/firmware/{name}.elf", env!("CARGO_MANIFEST_DIR")));
        let elf =
            std::fs::read(&path).unwrap_or_else(|e| panic!("{path}: {e}; run `cargo xtask build` first"));
        let board = Board::named(name).unwrap();
        let memory_chip = "none".parse::<MemoryChip>().unwrap().fit(1);
        let config = Config {
            board: board.clone(),
            memory_chip,
            strictness: Strictness::Strict,
            seed: 1,
        };
        let mut bench = Bench {
            board,
            machine: Machine::new(config, &elf).unwrap(),
        };
        bench.listen();
        bench
    }

    fn listen(&mut self) -> String {
        let mut said = String::new();
        let end = self.machine.now() + PATIENCE;
        while !said.ends_with(PROMPT) {
            let stop = self.machine.run(Until {
                time: end,
                output: true,
                idle: false,
            });
            said += &String::from_utf8_lossy(&self.machine.serial_out());
            assert_eq!(stop, Stop::Output, "{:?} after:\n{said}", self.machine.events());
        }
        said
    }

    fn ask(&mut self, line: &str) -> String {
        self.machine.serial_in(format!("{line}\r").as_bytes());
        let said = self.listen();
        said.trim_start_matches(line)
            .trim_end_matches(PROMPT)
            .trim()
            .to_owned()
    }

    fn level(&mut self, pin: Pin) -> bool {
        self.machine.peripherals().level(pin)
    }
}

const BOARDS: [&str; 2] = ["devebox", "weact"];

#[test]
fn what_python_does_to_the_led_is_seen_on_its_pin() {
    for name in BOARDS {
        let mut bench = Bench::new(name);
        let led = bench.board.leds[0].clone();
        bench.ask("from machine import Pin");
        bench.ask(&format!("p = Pin('{}', Pin.OUT, value=0)", led.name));
        assert!(!bench.level(led.pin), "{name}");
        let before = bench.machine.peripherals().changes(led.pin);
        bench.ask("for i in range(10): p.value(1); p.value(0)\r");
        assert_eq!(
            bench.machine.peripherals().changes(led.pin) - before,
            20,
            "{name}"
        );
        bench.ask("p.value(1)");
        assert!(bench.level(led.pin), "{name}");
    }
}

#[test]
fn a_key_reads_its_pull_until_it_is_pressed() {
    for name in BOARDS {
        let mut bench = Bench::new(name);
        bench.ask("from machine import Pin");
        for key in bench.board.keys.clone() {
            let pull = if key.pull == Pull::Up {
                "Pin.PULL_UP"
            } else {
                "Pin.PULL_DOWN"
            };
            bench.ask(&format!("k = Pin('{}', Pin.IN, {pull})", key.name));
            let idle = bench.ask("k.value()");
            bench
                .machine
                .peripherals()
                .drive(key.pin, Some(key.active == Level::High));
            let pressed = bench.ask("k.value()");
            bench.machine.peripherals().drive(key.pin, None);
            let released = bench.ask("k.value()");
            let expected = if key.active == Level::High {
                ["0", "1", "0"]
            } else {
                ["1", "0", "1"]
            };
            assert_eq!(
                [idle, pressed, released],
                expected.map(str::to_owned),
                "{name} {}",
                key.name
            );
        }
    }
}

#[test]
fn the_clocks_are_those_that_python_tells() {
    let mut bench = Bench::new("devebox");
    assert_eq!(bench.ask("import machine"), "");
    let clocks = bench.machine.peripherals().clocks();
    assert_eq!((clocks.cpu_hz, clocks.octospi_hz), (280_000_000, 70_000_000));
    let told = bench.ask("machine.freq()");
    assert!(told.contains("280000000"), "{told}");
}
