//! Serial buses with DMA. PD8 is wired to PD9, PB15 to PB14, PB5 to PB4; an EEPROM of 32 KB is on I2C1.

use crate::Irqs;
use crate::host::wait_for;
use embassy_futures::join::join;
use embassy_stm32::Peripherals;
use embassy_stm32::can::filter::{ExtendedFilter, ExtendedFilterSlot, StandardFilter, StandardFilterSlot};
use embassy_stm32::can::{CanConfigurator, Frame};
use embassy_stm32::i2c::{self, I2c};
use embassy_stm32::spi::{self, Spi};
use embassy_stm32::time::mhz;
use embassy_stm32::usart::{self, Uart};
use embassy_time::Timer;

/// Frames of both kinds to itself, within the chip.
pub fn fdcan(p: Peripherals) {
    let mut can = CanConfigurator::new(p.FDCAN1, p.PD0, p.PD1, Irqs);
    can.properties()
        .set_extended_filter(ExtendedFilterSlot::_0, ExtendedFilter::accept_all_into_fifo1());
    can.properties()
        .set_standard_filter(StandardFilterSlot::_0, StandardFilter::accept_all_into_fifo0());
    can.set_bitrate(250_000);
    let mut can = can.into_internal_loopback_mode();
    for n in 0..6 {
        let data: [u8; 8] = core::array::from_fn(|k| 16 * n + k as u8);
        let sent = match n % 2 {
            0 => Frame::new_extended(0x0123_4567 + u32::from(n), &data).unwrap(),
            _ => Frame::new_standard(0x321 + u16::from(n), &data[..usize::from(n)]).unwrap(),
        };
        wait_for(can.write(&sent));
        let got = wait_for(can.read()).unwrap().frame;
        assert_eq!((got.id(), got.data()), (sent.id(), sent.data()));
    }
}

/// Something that is no pattern.
fn data<const N: usize>() -> [u8; N] {
    core::array::from_fn(|n| (n * 89 + n / 7) as u8)
}

/// 200 bytes out and in.
pub fn usart(p: Peripherals) {
    let mut config = usart::Config::default();
    config.baudrate = 1_000_000;
    let uart = Uart::new(p.USART3, p.PD9, p.PD8, p.DMA1_CH0, p.DMA1_CH1, Irqs, config).unwrap();
    let (mut tx, mut rx) = uart.split();
    let sent: [u8; 200] = data();
    let mut got = [0; 200];
    let (wrote, read) = wait_for(join(tx.write(&sent), rx.read(&mut got)));
    wrote.unwrap();
    read.unwrap();
    assert_eq!(sent, got);
    // And until the line rests.
    let mut got = [0; 64];
    let (wrote, read) = wait_for(join(tx.write(&sent[..23]), rx.read_until_idle(&mut got)));
    wrote.unwrap();
    assert_eq!(read.unwrap(), 23);
    assert_eq!(got[..23], sent[..23]);
}

/// Frames of different lengths into a ring that goes around several times.
pub fn usart_ring(p: Peripherals) {
    let uart = Uart::new(
        p.USART3,
        p.PD9,
        p.PD8,
        p.DMA1_CH0,
        p.DMA1_CH1,
        Irqs,
        usart::Config::default(),
    )
    .unwrap();
    let (mut tx, rx) = uart.split();
    let mut ring = [0; 64];
    let mut rx = rx.into_ring_buffered(&mut ring);
    rx.start_uart();
    let sent: [u8; 48] = data();
    for length in [1, 20, 31, 48, 33, 48, 7] {
        let mut got = [0; 48];
        let read = async {
            let mut at = 0;
            while at < length {
                at += rx.read(&mut got[at..length]).await.unwrap();
            }
        };
        let (wrote, ()) = wait_for(join(tx.write(&sent[..length]), read));
        wrote.unwrap();
        assert_eq!(got[..length], sent[..length]);
        wait_for(Timer::after_micros(200));
    }
}

/// Both ways at once, out alone, in alone.
pub fn spi(p: Peripherals) {
    let mut config = spi::Config::default();
    config.frequency = mhz(4);
    let mut spi = Spi::new(
        p.SPI2, p.PB13, p.PB15, p.PB14, p.DMA1_CH0, p.DMA1_CH1, Irqs, config,
    );
    let sent: [u8; 100] = data();
    let mut got = [0; 100];
    wait_for(spi.transfer(&mut got, &sent)).unwrap();
    assert_eq!(sent, got);
    wait_for(spi.write(&sent)).unwrap();
    let mut got = [1u8; 20];
    wait_for(spi.read(&mut got)).unwrap();
    // MOSI, which is what MISO sees, rests where the last bit left it.
    assert!(got == [0; 20] || got == [0xFF; 20], "{got:?}");
    let mut words = [0u16; 16];
    wait_for(spi.transfer(&mut words, &[0x1234; 16])).unwrap();
    assert_eq!(words, [0x1234; 16]);
}

/// The controller of the smart-run domain, and the DMA there, which reaches that domain's memory alone.
pub fn spi_by_bdma(p: Peripherals) {
    let mut config = spi::Config::default();
    config.frequency = mhz(4);
    let mut spi = Spi::new(
        p.SPI6,
        p.PB3,
        p.PB5,
        p.PB4,
        p.BDMA2_CH0,
        p.BDMA2_CH1,
        Irqs,
        config,
    );
    // SAFETY: SRD SRAM is 32 KB from here on, and nobody else's.
    let memory = unsafe { core::slice::from_raw_parts_mut(0x3800_0000 as *mut u8, 128) };
    let (sent, got) = memory.split_at_mut(64);
    sent.copy_from_slice(&data::<64>());
    got.fill(0);
    wait_for(spi.transfer(got, sent)).unwrap();
    assert_eq!(sent, got);
}

/// Sixty bytes into an EEPROM and back.
pub fn i2c(p: Peripherals) {
    let mut config = i2c::Config::default();
    config.scl_pullup = true;
    config.sda_pullup = true;
    let mut i2c = I2c::new(p.I2C1, p.PB8, p.PB9, p.DMA1_CH0, p.DMA1_CH1, Irqs, config);
    let mut message = [0; 62];
    message[2..].copy_from_slice(&data::<60>());
    message[..2].copy_from_slice(&[0x01, 0x00]);
    wait_for(i2c.write(0x50, &message)).unwrap();
    // While it writes it does not answer.
    wait_for(Timer::after_millis(6));
    let mut got = [0; 60];
    wait_for(i2c.write_read(0x50, &[0x01, 0x00], &mut got)).unwrap();
    assert_eq!(got, message[2..]);
    let nobody = wait_for(i2c.write(0x21, &[1, 2, 3]));
    assert_eq!(nobody, Err(i2c::Error::Nack));
}
