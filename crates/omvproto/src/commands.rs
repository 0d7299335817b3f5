//! What a host asks, one command each.

use core::ops::Range;

use crate::device::{Answer, Device, MAX_POOLS, Pool};
use crate::engine::{Engine, PIECE_BYTES, Request, Rest};
use crate::packet::{Header, Status, flag, opcode};
use crate::send::Body;
use crate::settings::Settings;
use crate::wire::u32_at;
use crate::{VERSION, channel};

impl Engine {
    pub(crate) fn command(
        &mut self,
        command: Header,
        payload: Range<usize>,
        now_ms: u64,
        device: &mut impl Device,
    ) {
        if command.opcode <= opcode::LAST_OF_SYSTEM && command.channel != 0 {
            return self.status(command, Status::Invalid);
        }
        match command.opcode {
            opcode::GET_CAPS => {
                let agreed = self.agreed;
                self.numbers(command, |writer| {
                    writer.u32s(&[agreed.flags()]);
                    writer.u16(agreed.max_payload as u16);
                    writer.put(&[0; 10]);
                });
            }
            opcode::SET_CAPS => self.agree(command, payload),
            opcode::STATS => {
                let stats = self.stats;
                self.numbers(command, |writer| stats.write(writer));
            }
            opcode::VERSION => self.numbers(command, |writer| {
                let versions = device.versions();
                writer.put(&VERSION);
                writer.put(&versions.boot_loader);
                writer.put(&versions.firmware);
                writer.put(&[0; 7]);
            }),
            opcode::RESET => device.reset(),
            opcode::BOOT => device.boot_loader(),
            opcode::SYS_INFO => self.numbers(command, |writer| device.system_info().write(writer)),
            opcode::MEMORY => self.memory(command, device),
            opcode::LIST => self.numbers(command, |writer| {
                for id in 0..channel::END {
                    if let Some(channel) = device.channel(id) {
                        writer.put(&[id, channel.flags]);
                        writer.put(&channel.name);
                    }
                }
            }),
            _ => self.ask(command, payload, now_ms, device),
        }
    }

    fn agree(&mut self, command: Header, payload: Range<usize>) {
        let payload = self.inbox.payload(payload);
        let asked = match (payload.len(), u32_at(payload, 0)) {
            (16, Some(flags)) => Some(
                self.agreed
                    .with(flags, u16::from_le_bytes([payload[4], payload[5]]).into()),
            ),
            _ => None,
        };
        match asked.filter(Settings::are_possible) {
            Some(asked) => {
                self.status(command, Status::Success);
                self.agreed_next = Some(asked);
            }
            None => self.status(command, Status::Invalid),
        }
    }

    /// What is asked of a channel.
    fn ask(&mut self, command: Header, payload: Range<usize>, now_ms: u64, device: &mut impl Device) {
        let (id, bytes) = (command.channel, self.inbox.payload(payload.clone()));
        let (first, second) = (u32_at(bytes, 0), u32_at(bytes, 4));
        match (command.opcode, first, second) {
            (opcode::POLL, ..) => {
                let answer = device.poll();
                self.number(command, answer);
            }
            (opcode::LOCK, ..) => self.lock(command, now_ms, device),
            (opcode::UNLOCK, ..) => {
                let answer = device.unlock(id);
                self.done(command, 0, 0..0, answer);
            }
            (opcode::SIZE, ..) => {
                let answer = device.size(id);
                self.number(command, answer);
            }
            (opcode::SHAPE, ..) => self.shape(command, device),
            (opcode::READ, Some(offset), Some(length)) if length > 0 => {
                let steady = device.is_steady(id, offset, length);
                self.rest = Some(Rest {
                    channel: id,
                    offset,
                    left: length,
                    steady,
                });
                self.next_piece(device);
            }
            (opcode::WRITE, Some(offset), Some(length))
                if length > 0 && bytes.len() == 8 + length as usize =>
            {
                let answer = device.write(id, offset, &bytes[8..]);
                self.done(command, offset, payload.start + 8..payload.end, answer);
            }
            (opcode::IOCTL, Some(request), _) => {
                let answer = device.ioctl(id, request, &bytes[4..]);
                self.done(command, request, payload.start + 4..payload.end, answer);
            }
            _ => self.status(command, Status::Invalid),
        }
    }

    fn memory(&mut self, command: Header, device: &mut impl Device) {
        let mut pools = [Pool::default(); MAX_POOLS];
        match device.memory(&mut pools) {
            Answer::Done(count) => self.numbers(command, |writer| {
                Pool::write_all(&pools[..count.min(MAX_POOLS)], writer);
            }),
            Answer::Refused(status) => self.status(command, status),
            Answer::Later => self.postpone(command, 0, 0, 0..0),
        }
    }

    fn lock(&mut self, command: Header, now_ms: u64, device: &mut impl Device) {
        let interval_ms = u64::from(self.agreed.lock_interval_ms);
        if self
            .locked_ms
            .is_some_and(|locked_ms| now_ms < locked_ms + interval_ms)
        {
            return self.status(command, Status::Busy);
        }
        let answer = device.lock(command.channel);
        if answer == Answer::Done(()) {
            self.locked_ms = Some(now_ms);
        }
        self.done(command, 0, 0..0, answer);
    }

    fn shape(&mut self, command: Header, device: &mut impl Device) {
        let mut sides = [0; 4];
        match device.shape(command.channel, &mut sides) {
            Answer::Done(count) => self.numbers(command, |writer| writer.u32s(&sides[..count.min(4)])),
            Answer::Refused(status) => self.status(command, status),
            Answer::Later => self.postpone(command, 0, 0, 0..0),
        }
    }

    fn number(&mut self, command: Header, answer: Answer<u32>) {
        match answer {
            Answer::Done(number) => self.numbers(command, |writer| writer.u32s(&[number])),
            Answer::Refused(status) => self.status(command, status),
            Answer::Later => self.postpone(command, 0, 0, 0..0),
        }
    }

    fn done(&mut self, command: Header, offset: u32, payload: Range<usize>, answer: Answer<()>) {
        match answer {
            Answer::Done(()) => self.status(command, Status::Success),
            Answer::Refused(status) => self.status(command, status),
            Answer::Later => self.postpone(command, offset, 0, payload),
        }
    }

    fn postpone(&mut self, command: Header, offset: u32, length: usize, payload: Range<usize>) {
        self.inbox.hold(payload);
        let (opcode, channel) = (command.opcode, command.channel);
        self.later = Some(Request {
            opcode,
            channel,
            offset,
            length,
        });
    }

    // Reading, piece by piece.

    pub(crate) fn next_piece(&mut self, device: &mut impl Device) {
        let Some(rest) = self.rest else { return };
        let most = (rest.left as usize).min(self.agreed.max_payload);
        if rest.steady {
            let body = Body::Steady { offset: rest.offset };
            return self.send_part(most, body);
        }
        let most = most.min(PIECE_BYTES);
        match device.read(rest.channel, rest.offset, &mut self.here[..most]) {
            Answer::Done(count) => self.send_piece(count.min(most)),
            Answer::Refused(status) => {
                self.rest = None;
                self.conclude(opcode::READ, rest.channel, status);
            }
            Answer::Later => {
                self.later = Some(Request {
                    opcode: opcode::READ,
                    channel: rest.channel,
                    offset: rest.offset,
                    length: most,
                });
            }
        }
    }

    /// So many bytes are here.
    pub(crate) fn send_piece(&mut self, count: usize) {
        let Some(rest) = self.rest else { return };
        let count = count.min(rest.left as usize).min(self.agreed.max_payload);
        if count == 0 {
            self.rest = None;
            return self.conclude(opcode::READ, rest.channel, Status::Failed);
        }
        self.send_part(count, Body::Here);
    }

    fn send_part(&mut self, count: usize, body: Body) {
        let Some(rest) = &mut self.rest else { return };
        rest.left -= count as u32;
        rest.offset = rest.offset.wrapping_add(count as u32);
        let (channel, is_last) = (rest.channel, rest.left == 0);
        if is_last {
            self.rest = None;
        }
        let flags = if is_last { 0 } else { flag::FRAGMENT };
        self.data(opcode::READ, channel, count, flags, body);
    }
}
