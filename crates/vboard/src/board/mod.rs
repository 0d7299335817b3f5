//! The board around the chip: what its file says, and which pins lead where at present.

pub mod breakage;
pub mod fault;
pub mod link;
pub mod mux;
pub mod nets;
pub mod parts;

pub use boardfile::{
    Board, BoardError, Camera, Console, Copper, Display, Flash, Header, Joint, Key, Led, Level, Memory, Net,
    Pin, Pull, Sd, Usb, nets as netlist, package,
};
