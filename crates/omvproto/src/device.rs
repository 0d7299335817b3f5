//! What the protocol asks of the device that speaks it.

use crate::packet::Status;
use crate::wire::Writer;

/// What a device says to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer<T> {
    /// This.
    Done(T),
    /// No, for this reason.
    Refused(Status),
    /// Not yet: [`Engine::answer`](crate::Engine::answer) will follow, unless the host gives up.
    Later,
}

impl<T> Answer<T> {
    /// Success, or this reason.
    pub fn or(value: Option<T>, status: Status) -> Self {
        value.map_or(Answer::Refused(status), Answer::Done)
    }
}

/// A channel as hosts list it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Channel {
    /// See [`channel`](crate::channel).
    pub flags: u8,
    /// Ends with a zero.
    pub name: [u8; 14],
}

impl Channel {
    /// A longer name is cut off.
    pub fn new(flags: u8, name: &str) -> Self {
        let mut channel = Channel { flags, name: [0; 14] };
        let bytes = name.as_bytes();
        let len = bytes.len().min(13);
        channel.name[..len].copy_from_slice(&bytes[..len]);
        channel
    }
}

/// Versions of the device's programs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Versions {
    /// Of the boot loader.
    pub boot_loader: [u8; 3],
    /// Of the firmware.
    pub firmware: [u8; 3],
}

/// What a device is.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemInfo {
    /// Register CPUID.
    pub cpu: u32,
    /// The chip's own number.
    pub device: [u32; 3],
    /// Vendor and product.
    pub usb: (u16, u16),
    /// Of the cameras; 0 is none.
    pub cameras: [u32; 3],
    /// Bit 5 RAM outside of the chip, bit 6 sums in hardware, bit 18 a socket for cards; others OpenMV's.
    pub capabilities: u32,
    /// Of the chip.
    pub flash_kb: u32,
    /// All of it that Python's heap has.
    pub ram_kb: u32,
    /// What a frame may have.
    pub frame_kb: u32,
    /// What a picture for the host may have.
    pub stream_kb: u32,
}

impl SystemInfo {
    pub(crate) fn write(&self, into: &mut Writer) {
        let (vendor, product) = self.usb;
        into.u32s(&[self.cpu]);
        into.u32s(&self.device);
        into.u32s(&[u32::from(vendor) << 16 | u32::from(product)]);
        into.u32s(&self.cameras);
        into.u32s(&[0, 0, self.capabilities, 0]);
        into.u32s(&[self.flash_kb, self.ram_kb, self.frame_kb, self.stream_kb, 0, 0, 0]);
    }
}

/// A memory, as it is used.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pool {
    /// Python's heap, or memory that is not.
    pub is_heap: bool,
    /// All of it.
    pub total_bytes: u32,
    /// What is used.
    pub used_bytes: u32,
}

/// How many memories a device may have.
pub const MAX_POOLS: usize = 4;

impl Pool {
    /// Memories as hosts read them, for an answer that comes later; says how many bytes they take.
    pub fn list(pools: &[Pool], into: &mut [u8]) -> usize {
        let mut writer = Writer::new(into);
        Pool::write_all(pools, &mut writer);
        writer.len()
    }

    pub(crate) fn write_all(pools: &[Pool], into: &mut Writer) {
        into.put(&[pools.len() as u8, 0, 0, 0]);
        pools.iter().for_each(|pool| pool.write(into));
    }

    fn write(&self, into: &mut Writer) {
        into.put(&[(!self.is_heap).into(), 0, 0, 0]);
        let free = self.total_bytes.saturating_sub(self.used_bytes);
        into.u32s(&[self.total_bytes, self.used_bytes, free, 0, 0]);
    }
}

/// The device. Questions that concern a channel come with its number, which may be any.
pub trait Device {
    /// Of its programs.
    fn versions(&self) -> Versions;
    /// What it is.
    fn system_info(&self) -> SystemInfo;
    /// Its memories; says how many there are.
    fn memory(&mut self, pools: &mut [Pool; MAX_POOLS]) -> Answer<usize>;
    /// Resets itself. May come back.
    fn reset(&mut self);
    /// Starts its boot loader. May come back.
    fn boot_loader(&mut self);

    /// The channel of this number.
    fn channel(&self, channel: u8) -> Option<Channel>;
    /// Which channels have something, a bit each.
    fn poll(&mut self) -> Answer<u32>;
    /// Keeps what the channel holds until it is unlocked. Refused if it holds nothing.
    fn lock(&mut self, channel: u8) -> Answer<()>;
    /// Gives it free.
    fn unlock(&mut self, channel: u8) -> Answer<()>;
    /// Bytes that can be read.
    fn size(&mut self, channel: u8) -> Answer<u32>;
    /// The sides of what can be read; says how many there are.
    fn shape(&mut self, channel: u8, sides: &mut [u32; 4]) -> Answer<usize>;
    /// Whether so many bytes can be read from there on by [`piece`](Device::piece), as often as the wire wants them.
    fn is_steady(&self, channel: u8, offset: u32, length: u32) -> bool;
    /// Some of them.
    fn piece(&self, channel: u8, offset: u32, into: &mut [u8]);
    /// Reads what is not steady; says how many bytes there were, and they are gone.
    fn read(&mut self, channel: u8, offset: u32, into: &mut [u8]) -> Answer<usize>;
    /// Writes.
    fn write(&mut self, channel: u8, offset: u32, bytes: &[u8]) -> Answer<()>;
    /// Anything else.
    fn ioctl(&mut self, channel: u8, request: u32, argument: &[u8]) -> Answer<()>;
    /// The host begins anew: all locks are released.
    fn release(&mut self);
}
