//! The board around the chip: what its file says, and which pins lead where at present.

pub(crate) mod footprint;

pub use boardfile::{
    Board, BoardError, Camera, Console, Display, Flash, Header, Joint, Key, Led, Level, Memory, Net, Pin,
    Pull, Sd, Usb, nets,
};
