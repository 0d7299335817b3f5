//! What the outside world is connected to, one folder for each kind of connector.

pub mod serial;
