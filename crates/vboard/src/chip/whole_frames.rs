//! Buses whose frames are told to parts as a whole, not by edges: where everybody on SCK and MOSI can take that, and nobody else
//! can tell the difference. A part that answers on MISO has to be alone there.

use super::devices::Devices;
use super::{BUS_ROWS, Chip};
use crate::board::Pin;
use chipmodel::Effects;
use chipmodel::onchip::spi::Lines;

/// SCK and MOSI; MISO, if the part there answers whole frames.
#[derive(Clone, Copy, Debug)]
pub(super) struct FrameLines {
    sent: [Pin; 2],
    answer: Option<Pin>,
}

impl Chip {
    /// Pins, joints, parts, or who looks at edges have changed.
    pub(crate) fn find_frame_lines(&mut self) {
        for (bus, row) in BUS_ROWS.into_iter().enumerate() {
            let lines = match self.trace {
                None => self.frame_lines_of(row),
                Some(_) => None,
            };
            self.frame_lines[bus] = lines;
            self.devices.spi[bus].set_lines(match lines {
                None => Lines::Edges,
                Some(FrameLines { answer: None, .. }) => Lines::Frames,
                Some(FrameLines { answer: Some(_), .. }) => Lines::Exchanges,
            });
        }
    }

    fn frame_lines_of(&self, row: usize) -> Option<FrameLines> {
        let [clock, data, answer] = ["SCK", "MOSI", "MISO"].map(|signal| self.only_pin(row, signal));
        let sent = [clock?, data?];
        if !sent
            .iter()
            .all(|pin| self.nets.is_plain(*pin) && !self.interrupts(*pin))
        {
            return None;
        }
        if self.parts.take_frames(sent) {
            return Some(FrameLines { sent, answer: None });
        }
        let answer = answer.filter(|pin| {
            self.nets.is_answer(*pin)
                && !self.interrupts(*pin)
                && self.parts.exchange_frames([sent[0], sent[1], *pin])
        });
        answer.map(|pin| FrameLines {
            sent,
            answer: Some(pin),
        })
    }

    /// Whether edges at this pin are looked at by the interrupt controller.
    fn interrupts(&self, pin: Pin) -> bool {
        let Devices { syscfg, .. } = &self.devices;
        syscfg.exti_port(pin.number) == pin.port
    }

    /// The pin that carries a signal, if it is one alone.
    fn only_pin(&self, row: usize, signal: &'static str) -> Option<Pin> {
        let pins =
            (0..self.selected.len() as u8).flat_map(|port| (0..16).map(move |number| Pin { port, number }));
        let mut carriers = pins.filter(|pin| {
            self.selected[usize::from(pin.port)][usize::from(pin.number)] == Some((row, signal))
        });
        let first = carriers.next();
        first.filter(|_| carriers.next().is_none())
    }

    /// Pass on the frame that a bus has just sent. False: it has not, or by edges.
    pub(super) fn pass_frame(&mut self, index: usize, fx: &mut Effects) -> bool {
        let Some(bus) = BUS_ROWS.iter().position(|row| *row == index) else {
            return false;
        };
        let Some(frame) = self.devices.spi[bus].take_whole_frame() else {
            return false;
        };
        let Chip { parts, nets, .. } = self;
        let moved = match (self.frame_lines[bus], frame.idle) {
            (
                Some(FrameLines {
                    sent,
                    answer: Some(answer),
                }),
                Some(idle),
            ) => {
                let lines = [sent[0], sent[1], answer];
                let (heard, moved) = parts.exchange(lines, frame, idle, nets, fx);
                self.devices.spi[bus].hear(heard, fx);
                moved
            }
            // The lines were changed in the middle of a frame: nobody answers.
            (_, Some(idle)) => {
                let word = if idle { u32::MAX >> (32 - frame.bits) } else { 0 };
                self.devices.spi[bus].hear(word, fx);
                Vec::new()
            }
            (Some(FrameLines { sent, .. }), None) => parts.frame(sent, frame, nets, fx),
            (None, None) => Vec::new(),
        };
        for pin in moved {
            self.settle_pin(pin, fx);
        }
        true
    }
}
