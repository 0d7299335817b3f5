//! Pictures of an OV7725 on the board's camera connector, as embassy's example for such boards takes them.

use crate::Irqs;
use crate::host::wait_for;
use embassy_stm32::Peripherals;
use embassy_stm32::dcmi::{self, Dcmi};
use embassy_stm32::i2c::{self, I2c};
use embassy_stm32::pac::rcc::vals::Mco1sel;
use embassy_stm32::rcc::{Mco, McoConfig, McoPrescaler};
use embassy_time::Timer;

const ADDRESS: u8 = 0x21;
const WIDTH: usize = 160;
const HEIGHT: usize = 120;

static PICTURE: static_cell::ConstStaticCell<[u32; WIDTH * HEIGHT / 2]> =
    static_cell::ConstStaticCell::new([0; WIDTH * HEIGHT / 2]);

/// Two frames: bars of colour above, a ramp of grey below.
pub fn pictures(p: Peripherals) {
    let mut clock = McoConfig::default();
    clock.prescaler = McoPrescaler::DIV2;
    let _clock = Mco::new(p.MCO1, p.PA8, Mco1sel::HSI48, clock);
    let mut bus = I2c::new_blocking(p.I2C2, p.PB10, p.PB11, i2c::Config::default());
    wait_for(Timer::after_millis(1));
    let mut id = [0];
    bus.blocking_write(ADDRESS, &[0x0A]).unwrap();
    bus.blocking_read(ADDRESS, &mut id).unwrap();
    assert_eq!(id, [0x77]);
    // PLL by four and divided by four, RGB565, scaled down to 160 x 120.
    for write in [
        [0x12, 0x06],
        [0x11, 0x01],
        [0x0C, 0x00],
        [0x65, 0x2F],
        [0x29, 0x28],
        [0x2C, 0x3C],
    ] {
        bus.blocking_write(ADDRESS, &write).unwrap();
    }
    let config = dcmi::Config::default();
    let mut camera = Dcmi::new_8bit(
        p.DCMI, p.DMA1_CH0, Irqs, p.PC6, p.PC7, p.PE0, p.PE1, p.PE4, p.PD3, p.PE5, p.PE6, p.PB7, p.PA4,
        p.PA6, config,
    );
    let picture = PICTURE.take();
    for _ in 0..2 {
        picture.fill(0x5A5A_5A5A);
        wait_for(camera.capture(picture)).unwrap();
        // Two pixels a word, each with its high byte first.
        let pixel = |x: usize, y: usize| (picture[(y * WIDTH + x) / 2] >> (x % 2 * 16)) as u16;
        let pixel = |x: usize, y: usize| pixel(x, y).swap_bytes();
        let bars = [0xFFFF, 0xFFE0, 0x07FF, 0x07E0, 0xF81F, 0xF800, 0x001F, 0x0000];
        for (n, bar) in bars.into_iter().enumerate() {
            assert_eq!(pixel(20 * n + 10, 30), bar, "bar {n}");
        }
        assert_eq!((pixel(0, 119), pixel(159, 119)), (0x0000, 0xFFFF));
    }
}
