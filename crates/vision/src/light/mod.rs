//! Brightness and colour balance: equalising, gamma, white balance, colour matrices.

mod balance;
mod clahe;
mod equalize;
mod gamma;
mod matrix;

pub use balance::white_balance;
pub use clahe::{clahe, clahe_scratch};
pub use equalize::equalize;
pub use gamma::gamma;
pub use matrix::colour_matrix;
