//! Memory, numbers and time.

use crate::Irqs;
use crate::host::{exit, say, wait_for};
use embassy_stm32::Peripherals;
use embassy_stm32::crc::{self, Crc};
use embassy_stm32::dma::{Channel, TransferOptions};
use embassy_stm32::flash::Flash;
use embassy_stm32::rng::Rng;
use embassy_stm32::wdg::IndependentWatchdog;
use embassy_time::Timer;

/// Where a note outlives the watchdog: TAMP_BKP5R, which embassy does not know on this chip. Its clock set-up has opened the domain.
const NOTE: *mut u32 = 0x5800_4514 as *mut u32;
const BITTEN: u32 = 0xB17E;

/// A kilobyte from one place to another.
pub fn copy(p: Peripherals) {
    let source: [u32; 256] = core::array::from_fn(|n| n as u32 * 0x0123_4567);
    let mut target = [0u32; 256];
    let mut channel = Channel::new(p.DMA2_CH0, Irqs);
    // SAFETY: both live until the transfer is over.
    wait_for(unsafe {
        channel.transfer(
            0,
            &raw const source,
            target.as_mut_ptr(),
            TransferOptions::default(),
        )
    });
    assert_eq!(source, target);
}

/// Numbers that differ.
pub fn rng(p: Peripherals) {
    let mut rng = Rng::new(p.RNG, Irqs);
    let mut bytes = [0; 64];
    wait_for(rng.async_fill_bytes(&mut bytes)).unwrap();
    let ones: u32 = bytes.iter().map(|byte| byte.count_ones()).sum();
    assert!((180..332).contains(&ones), "{ones} ones in 512 bits");
    let (first, second) = (rng.next_u32(), rng.next_u32());
    assert_ne!(first, second);
}

/// The check value of CRC-32/MPEG-2.
pub fn crc(p: Peripherals) {
    let config = crc::Config::new(
        crc::InputReverseConfig::None,
        false,
        crc::PolySize::Width32,
        0xFFFF_FFFF,
        0x04C1_1DB7,
    )
    .unwrap();
    // Embassy 0.6 switches on bit 19 of AHB4ENR, which the unit has on the other H7; on this one it is bit 9 of AHB1ENR.
    embassy_stm32::pac::RCC.ahb1enr().modify(|w| w.0 |= 1 << 9);
    let mut crc = Crc::new(p.CRC, config);
    crc.feed_bytes(b"123456789");
    assert_eq!(crc.read(), 0x0376_E6E7);
}

/// A sector of the second bank: erased, written, read.
pub fn flash(p: Peripherals) {
    let mut flash = Flash::new_blocking(p.FLASH);
    let at = 0x10_0000 + 5 * 0x2000;
    flash.blocking_erase(at, at + 0x2000).unwrap();
    let data: [u8; 64] = core::array::from_fn(|n| n as u8 ^ 0x5A);
    flash.blocking_write(at, &data).unwrap();
    let mut got = [0; 96];
    flash.blocking_read(at, &mut got).unwrap();
    assert_eq!(got[..64], data);
    assert_eq!(got[64..], [0xFF; 32]);
}

/// It is fed three times, then no more.
pub fn watchdog(p: Peripherals) {
    // SAFETY: a register that keeps what is written.
    unsafe { NOTE.write_volatile(BITTEN) };
    let mut watchdog = IndependentWatchdog::new(p.IWDG1, 20_000);
    watchdog.unleash();
    for _ in 0..3 {
        wait_for(Timer::after_millis(15));
        watchdog.pet();
    }
    say(format_args!("waiting for the watchdog"));
    wait_for(Timer::after_millis(50));
}

/// The second start: the note is still there, and RCC tells who it was.
pub fn after_the_watchdog() {
    // IWDG1RSTF.
    if embassy_stm32::pac::RCC.rsr().read().0 & 1 << 26 == 0 {
        return;
    }
    // SAFETY: as above.
    assert_eq!(unsafe { NOTE.read_volatile() }, BITTEN);
    say(format_args!("watchdog: ok"));
    exit(0)
}
