//! A device that is made up: a hundred bytes printed, a picture of 70 bytes, and a channel that answers later.

use omvproto::{Answer, Channel, Device, MAX_POOLS, Pool, Status, SystemInfo, Versions, channel, ioctl};

pub const LATER: u8 = 6;

#[derive(Default)]
pub struct Fake {
    pub script: Vec<u8>,
    pub runs: usize,
    pub is_locked: bool,
    pub resets: usize,
    pub has_later: bool,
    pub printed: usize,
}

pub fn printed() -> Vec<u8> {
    (0..100).collect()
}

pub fn picture() -> Vec<u8> {
    (0..70u32).map(|at| (at * 7 + 3) as u8).collect()
}

const INVALID: Status = Status::Invalid;

impl Device for Fake {
    fn versions(&self) -> Versions {
        Versions {
            boot_loader: [7, 8, 9],
            firmware: [4, 5, 6],
        }
    }

    fn system_info(&self) -> SystemInfo {
        SystemInfo {
            cpu: 0x411F_C271,
            usb: (0x1209, 1),
            flash_kb: 2048,
            ..SystemInfo::default()
        }
    }

    fn memory(&mut self, pools: &mut [Pool; MAX_POOLS]) -> Answer<usize> {
        for (number, pool) in pools[..2].iter_mut().enumerate() {
            *pool = Pool {
                is_heap: number == 0,
                total_bytes: 1000,
                used_bytes: 400,
            };
        }
        Answer::Done(2)
    }

    fn reset(&mut self) {
        self.resets += 1;
    }

    fn boot_loader(&mut self) {
        self.resets += 1;
    }

    fn channel(&self, id: u8) -> Option<Channel> {
        match id {
            channel::STDIN => Some(Channel::new(channel::WRITE | channel::EXEC, "stdin")),
            channel::STDOUT => Some(Channel::new(channel::READ, "stdout")),
            channel::STREAM => Some(Channel::new(
                channel::READ | channel::LOCK | channel::STREAMING,
                "stream",
            )),
            LATER if self.has_later => Some(Channel::new(
                channel::READ | channel::DYNAMIC,
                "a name that is too long",
            )),
            _ => None,
        }
    }

    fn poll(&mut self) -> Answer<u32> {
        Answer::Done(0b1110)
    }

    fn lock(&mut self, id: u8) -> Answer<()> {
        let free = id == channel::STREAM && !self.is_locked;
        self.is_locked |= free;
        Answer::or(free.then_some(()), Status::Busy)
    }

    fn unlock(&mut self, id: u8) -> Answer<()> {
        let held = id == channel::STREAM && self.is_locked;
        self.is_locked &= !held;
        Answer::or(held.then_some(()), Status::Busy)
    }

    fn size(&mut self, id: u8) -> Answer<u32> {
        match id {
            channel::STDOUT => Answer::Done(100 - self.printed as u32),
            channel::STREAM => Answer::Done(70),
            LATER if self.has_later => Answer::Later,
            _ => Answer::Refused(INVALID),
        }
    }

    fn shape(&mut self, id: u8, sides: &mut [u32; 4]) -> Answer<usize> {
        sides[..3].copy_from_slice(&[5, 7, 2]);
        Answer::or((id == channel::STREAM).then_some(3), INVALID)
    }

    fn is_steady(&self, id: u8, offset: u32, length: u32) -> bool {
        id == channel::STREAM && self.is_locked && offset.checked_add(length).is_some_and(|end| end <= 70)
    }

    fn piece(&self, _: u8, offset: u32, into: &mut [u8]) {
        into.copy_from_slice(&picture()[offset as usize..][..into.len()]);
    }

    fn read(&mut self, id: u8, _: u32, into: &mut [u8]) -> Answer<usize> {
        match id {
            channel::STDOUT => {
                let all = printed();
                let rest = &all[self.printed..];
                let count = rest.len().min(into.len());
                into[..count].copy_from_slice(&rest[..count]);
                self.printed += count;
                Answer::Done(count)
            }
            LATER if self.has_later => Answer::Later,
            _ => Answer::Refused(INVALID),
        }
    }

    fn write(&mut self, id: u8, offset: u32, bytes: &[u8]) -> Answer<()> {
        if id == LATER && self.has_later {
            return Answer::Later;
        }
        if id != channel::STDIN {
            return Answer::Refused(INVALID);
        }
        self.script.truncate(offset as usize);
        self.script.extend(bytes);
        Answer::Done(())
    }

    fn ioctl(&mut self, id: u8, request: u32, _: &[u8]) -> Answer<()> {
        match (id, request) {
            (channel::STDIN, ioctl::STDIN_RESET) => self.script.clear(),
            (channel::STDIN, ioctl::STDIN_EXEC) => self.runs += 1,
            _ => return Answer::Refused(INVALID),
        }
        Answer::Done(())
    }

    fn release(&mut self) {
        self.is_locked = false;
    }
}
