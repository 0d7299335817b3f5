//! A board that stays in its boot loader, at the end of a cable, and a host that speaks DFU with ST's extensions.
//!
//! The loader's ELF is `target/firmware/<board>-boot.elf`.

pub mod program;

use vboard::board::Board;
use vboard::ends::usb::{Device, Host, Outcome, Request};
use vboard::{Config, FlashArray, Machine, Medium, MemoryChip, Picos, Stop, Strictness, Until};

pub const DOWNLOAD_IDLE: u8 = 5;
pub const MANIFEST: u8 = 7;
pub const ERROR: u8 = 10;
pub const TRANSFER_BYTES: usize = 2048;
const MILLISECOND: u64 = 1_000_000_000;

pub struct Bench {
    pub machine: Machine,
    /// What the flash would be if the power failed at each step of so many, from a first one on.
    pub cuts: Option<Cuts>,
}

/// Looks at each of them; the machine itself goes on.
pub struct Cuts {
    pub next: u64,
    pub stride: u64,
    pub look: Box<dyn FnMut(u64, FlashArray)>,
}

impl Bench {
    /// A board with nothing but the loader, enumerated.
    pub fn blank() -> Self {
        let mut bench = Bench::off("devebox-boot");
        bench.until_device();
        bench
    }

    /// A board whose cable is in, and which has not run.
    pub fn off(name: &str) -> Self {
        let chip: MemoryChip = "none".parse().expect("a known chip");
        let config = Config {
            board: Board::named("devebox").expect("a known board"),
            memory_chip: chip.fit(1),
            strictness: Strictness::Strict,
            seed: 1,
        };
        let mut machine = Machine::new(config, &crate::elf(name)).expect("a sound ELF");
        machine.plug_usb(Host::new(false)).expect("a connector");
        machine.set_console_over_usb(false);
        Bench { machine, cuts: None }
    }

    /// So many milliseconds, or until the power fails. An event ends the test.
    pub fn pass(&mut self, ms: u64) {
        self.run(Picos(ms * MILLISECOND));
    }

    fn run(&mut self, span: Picos) {
        let end = self.machine.now() + span;
        while self.machine.now() < end {
            match self.machine.run(Until::time(end)) {
                Stop::Limit | Stop::Reset => {}
                Stop::PowerFailed => self.cut(),
                other => panic!(
                    "{other:?}: {:?}; it said {:?}",
                    self.machine.events(),
                    self.said()
                ),
            }
        }
    }

    fn cut(&mut self) {
        let flash = self.machine.flash();
        let cuts = self.cuts.as_mut().expect("cuts");
        (cuts.look)(cuts.next, flash);
        cuts.next += cuts.stride;
        self.machine.fail_power_at(Medium::Flash, Some(cuts.next));
    }

    /// From here on.
    pub fn begin_cuts(&mut self, stride: u64, look: impl FnMut(u64, FlashArray) + 'static) {
        let next = self.machine.steps(Medium::Flash) + 1;
        self.machine.fail_power_at(Medium::Flash, Some(next));
        self.cuts = Some(Cuts {
            next,
            stride,
            look: Box::new(look),
        });
    }

    pub fn said(&mut self) -> String {
        String::from_utf8_lossy(&self.machine.serial_out()).into_owned()
    }

    pub fn host<T>(&mut self, action: impl FnOnce(&mut Host) -> T) -> T {
        self.machine.with_usb(|host, _, _| action(host)).expect("a cable")
    }

    /// Lets time pass until the host knows a device.
    pub fn until_device(&mut self) {
        for _ in 0..100 {
            self.pass(20);
            if self.host(|host| host.device().is_some()) {
                // SET_CONFIGURATION.
                self.control([0, 9, 1, 0, 0, 0, 0, 0]);
                return;
            }
        }
        let failure = self.host(|host| host.failure().map(str::to_owned));
        panic!("no device: {failure:?}; it said {:?}", self.said());
    }

    pub fn device(&mut self) -> Device {
        self.host(|host| host.device().cloned()).expect("a device")
    }

    /// The next outcome, unless the power fails meanwhile.
    pub fn ask(&mut self, request: Request) -> Outcome {
        let id = self.host(|host| host.submit(request));
        for _ in 0..4000 {
            self.run(Picos(MILLISECOND / 4));
            while let Some((ended, outcome)) = self.host(Host::take_finished) {
                if ended == id {
                    return outcome;
                }
            }
        }
        panic!("no answer");
    }

    pub fn control(&mut self, setup: [u8; 8]) -> Outcome {
        self.ask(Request::Control {
            setup,
            data: Vec::new(),
        })
    }

    fn input(&mut self, setup: [u8; 8]) -> Vec<u8> {
        match self.control(setup) {
            Outcome::Done { received, .. } => received,
            other => panic!("{setup:02x?}: {other:?}"),
        }
    }

    /// A string descriptor.
    pub fn text(&mut self, number: u8) -> String {
        let bytes = self.input([0x80, 6, number, 3, 9, 4, 255, 0]);
        let units: Vec<u16> = bytes[2..]
            .chunks(2)
            .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
            .collect();
        String::from_utf16(&units).expect("UTF-16")
    }

    /// SET_INTERFACE.
    pub fn select(&mut self, alternate: u8) {
        self.control([1, 11, alternate, 0, 0, 0, 0, 0]);
    }

    /// GETSTATUS: status, milliseconds to wait, state.
    pub fn status(&mut self) -> (u8, u32, u8) {
        match self.control([0xA1, 3, 0, 0, 0, 0, 6, 0]) {
            Outcome::Done { received, .. } => {
                let [status, a, b, c, state, _] = received[..] else {
                    panic!("{received:?}")
                };
                (status, u32::from_le_bytes([a, b, c, 0]), state)
            }
            other => panic!("GETSTATUS: {other:?}"),
        }
    }

    pub fn clear_status(&mut self) {
        self.control([0x21, 4, 0, 0, 0, 0, 0, 0]);
    }

    /// DNLOAD.
    pub fn send(&mut self, block: u16, data: &[u8]) -> Outcome {
        let ([low, high], [few, many]) = (block.to_le_bytes(), (data.len() as u16).to_le_bytes());
        let setup = [0x21, 1, low, high, 0, 0, few, many];
        self.ask(Request::Control {
            setup,
            data: data.to_vec(),
        })
    }

    /// A block, and status and state once it is done, as `dfu-util` asks for them.
    pub fn block(&mut self, block: u16, data: &[u8]) -> (u8, u8) {
        self.send(block, data);
        loop {
            let (status, wait_ms, state) = self.status();
            if state != 4 && state != 3 {
                return (status, state);
            }
            self.pass(wait_ms.into());
        }
    }

    pub fn command(&mut self, command: u8, address: u32) -> (u8, u8) {
        let mut data = vec![command];
        data.extend(address.to_le_bytes());
        self.block(0, &data)
    }

    /// Erases and writes, as `dfu-util -s` does.
    pub fn download(&mut self, address: u32, bytes: &[u8]) {
        let end = address + bytes.len() as u32;
        for sector in (address & !8191..end).step_by(8192) {
            assert_eq!(self.command(0x41, sector), (0, DOWNLOAD_IDLE), "{sector:#x}");
        }
        assert_eq!(self.command(0x21, address), (0, DOWNLOAD_IDLE));
        for (n, block) in (2..).zip(bytes.chunks(TRANSFER_BYTES)) {
            assert_eq!(
                self.block(n, block),
                (0, DOWNLOAD_IDLE),
                "{address:#x}, block {n}"
            );
        }
    }

    pub fn upload(&mut self, address: u32, bytes: usize) -> Vec<u8> {
        self.abort();
        assert_eq!(self.command(0x21, address), (0, DOWNLOAD_IDLE));
        self.abort();
        let mut read = Vec::new();
        for block in 2u16.. {
            let wanted = (bytes - read.len()).min(TRANSFER_BYTES);
            if wanted == 0 {
                break;
            }
            let ([low, high], [few, many]) = (block.to_le_bytes(), (wanted as u16).to_le_bytes());
            read.extend(self.input([0xA1, 2, low, high, 0, 0, few, many]));
        }
        self.abort();
        read
    }

    fn abort(&mut self) {
        self.control([0x21, 6, 0, 0, 0, 0, 0, 0]);
    }
}
