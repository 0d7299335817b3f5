//! Frames as message RAM holds them, and which of them a controller wants.

/// What DLC says.
const LENGTHS: [usize; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 20, 24, 32, 48, 64];
pub const XTD: u32 = 1 << 30;
pub const RTR: u32 = 1 << 29;
pub const FDF: u32 = 1 << 21;
pub const BRS: u32 = 1 << 20;
/// A frame that no filter has met.
pub const ANMF: u32 = 1 << 31;

/// A frame: both header words, of which the second one tells format and length, and its data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    pub id_word: u32,
    pub control: u32,
    pub data: Vec<u8>,
}

impl Frame {
    pub fn is_extended(&self) -> bool {
        self.id_word & XTD != 0
    }

    /// A standard one lies in the upper bits.
    pub fn id(&self) -> u32 {
        match self.is_extended() {
            true => self.id_word & 0x1FFF_FFFF,
            false => self.id_word >> 18 & 0x7FF,
        }
    }

    pub fn is_remote(&self) -> bool {
        self.id_word & RTR != 0
    }

    /// Bytes that DLC stands for; of a classic frame 8 at most.
    pub fn length(control: u32) -> usize {
        let length = LENGTHS[(control >> 16 & 15) as usize];
        if control & FDF != 0 { length } else { length.min(8) }
    }

    /// Bits at the nominal rate and at that of data, with the pause behind it, without stuff bits (ISO 11898-1).
    pub fn bits(&self) -> (u64, u64) {
        let data = 8 * self.data.len() as u64;
        let arbitration = if self.is_extended() { 32 } else { 13 };
        if self.control & FDF == 0 {
            let data = if self.is_remote() { 0 } else { data };
            return (arbitration + 34 + data, 0);
        }
        let crc = if self.data.len() > 16 { 21 } else { 17 };
        // ESI, DLC, stuff count and CRC go with the data.
        let (nominal, fast) = (arbitration + 17, 1 + 4 + 5 + crc + data);
        match self.control & BRS != 0 {
            true => (nominal, fast),
            false => (nominal + fast, 0),
        }
    }
}

/// What a filter does with a frame: EC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Fifo(usize),
    Reject,
    /// An action that has no model.
    Other,
}

fn verdict(action: u32) -> Option<Verdict> {
    Some(match action {
        0 => return None,
        1 => Verdict::Fifo(0),
        2 => Verdict::Fifo(1),
        3 => Verdict::Reject,
        _ => Verdict::Other,
    })
}

/// SFT and EFT: a range, two identifiers, or one and a mask.
fn meets(kind: u32, id: u32, first: u32, second: u32) -> bool {
    match kind {
        0 | 3 => (first..=second).contains(&id),
        1 => id == first || id == second,
        _ => id & second == first & second,
    }
}

/// A filter element for standard identifiers.
pub fn standard(element: u32, id: u32) -> Option<Verdict> {
    let kind = element >> 30;
    // 3 is a filter that is off.
    let met = kind != 3 && meets(kind, id, element >> 16 & 0x7FF, element & 0x7FF);
    if met { verdict(element >> 27 & 7) } else { None }
}

/// One for extended identifiers; `mask` (XIDAM) comes before all but ranges without it.
pub fn extended(element: [u32; 2], id: u32, mask: u32) -> Option<Verdict> {
    let kind = element[1] >> 30;
    let id = if kind == 3 { id } else { id & mask };
    let met = meets(kind, id, element[0] & 0x1FFF_FFFF, element[1] & 0x1FFF_FFFF);
    if met { verdict(element[0] >> 29) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_meet_ranges_pairs_and_masks() {
        // SFT, SFEC, SFID1, SFID2.
        let filter = |kind: u32, action: u32, first: u32, second: u32| {
            kind << 30 | action << 27 | first << 16 | second
        };
        for (element, met, missed) in [
            (filter(0, 1, 0x100, 0x10F), 0x10F, 0x110),
            (filter(1, 1, 0x100, 0x200), 0x200, 0x101),
            (filter(2, 1, 0x100, 0x700), 0x1FF, 0x200),
        ] {
            assert_eq!(standard(element, met), Some(Verdict::Fifo(0)), "{element:#x}");
            assert_eq!(standard(element, missed), None, "{element:#x}");
        }
        assert_eq!(standard(filter(3, 1, 0, 0x7FF), 5), None, "off");
        assert_eq!(standard(filter(0, 3, 0, 0x7FF), 5), Some(Verdict::Reject));
        assert_eq!(
            extended([2 << 29 | 0x1234, 1 << 30 | 0x99], 0x1234, 0x1FFF_FFFF),
            Some(Verdict::Fifo(1))
        );
        assert_eq!(
            extended([2 << 29 | 0x1234, 1 << 30 | 0x99], 0xF1234, 0xFFFF),
            Some(Verdict::Fifo(1))
        );
        assert_eq!(
            extended([2 << 29 | 0x1234, 3 << 30 | 0x1300], 0xF1234, 0xFFFF),
            None
        );
    }

    #[test]
    fn a_frame_takes_the_bits_of_its_format() {
        let frame = |id_word, control: u32, bytes: usize| Frame {
            id_word,
            control,
            data: vec![0; bytes],
        };
        assert_eq!(frame(0, 8 << 16, 8).bits(), (111, 0));
        assert_eq!(frame(XTD, 0, 0).bits(), (66, 0));
        assert_eq!(frame(0, 15 << 16 | FDF | BRS, 64).bits(), (30, 31 + 512));
        assert_eq!(Frame::length(15 << 16), 8);
        assert_eq!(Frame::length(13 << 16 | FDF), 32);
    }
}
