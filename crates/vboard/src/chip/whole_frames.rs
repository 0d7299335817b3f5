//! Buses whose frames are told to parts as a whole, not by edges: where everybody on SCK and MOSI can take that, and nobody else
//! can tell the difference.

use super::devices::Devices;
use super::{BUS_ROWS, Chip};
use crate::board::Pin;
use chipmodel::Effects;

impl Chip {
    /// Pins, joints, parts, or who looks at edges have changed.
    pub(crate) fn find_frame_lines(&mut self) {
        for (bus, row) in BUS_ROWS.into_iter().enumerate() {
            let [clock, data] = ["SCK", "MOSI"].map(|signal| self.only_pin(row, signal));
            let lines = clock.zip(data).map(|(clock, data)| [clock, data]);
            let lines = lines.filter(|lines| self.trace.is_none() && self.takes_frames(*lines));
            self.frame_lines[bus] = lines;
            self.devices.spi[bus].set_takes_whole(lines.is_some());
        }
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

    fn takes_frames(&self, lines: [Pin; 2]) -> bool {
        let Devices { syscfg, .. } = &self.devices;
        let seen_by_edges = |pin: &Pin| syscfg.exti_port(pin.number) == pin.port;
        lines
            .iter()
            .all(|pin| self.nets.is_plain(*pin) && !seen_by_edges(pin))
            && self.parts.take_frames(lines)
    }

    /// Pass on the frame that a bus has just sent. False: it has not, or by edges.
    pub(super) fn pass_frame(&mut self, index: usize, fx: &mut Effects) -> bool {
        let Some(bus) = BUS_ROWS.iter().position(|row| *row == index) else {
            return false;
        };
        let Some(frame) = self.devices.spi[bus].take_whole_frame() else {
            return false;
        };
        let Some(lines) = self.frame_lines[bus] else {
            return true;
        };
        let Chip { parts, nets, .. } = self;
        let moved = parts.frame(lines, frame, nets, fx);
        for pin in moved {
            self.settle_pin(pin, fx);
        }
        true
    }
}
