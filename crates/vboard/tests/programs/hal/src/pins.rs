//! Ports, edges and timers. PD0 is wired to PD1, PC6 to PE9.

use crate::Irqs;
use crate::host::wait_for;
use embassy_futures::join::join;
use embassy_stm32::Peripherals;
use embassy_stm32::exti::ExtiInput;
use embassy_stm32::gpio::{Input, Level, Output, OutputType, Pull, Speed};
use embassy_stm32::time::{Hertz, khz};
use embassy_stm32::timer::low_level::CountingMode;
use embassy_stm32::timer::pwm_input::PwmInput;
use embassy_stm32::timer::simple_pwm::{PwmPin, SimplePwm};
use embassy_time::{Instant, Timer};

/// A lamp that blinks, looked at from the other end of its wire.
pub fn blinky(p: Peripherals) {
    let mut lamp = Output::new(p.PD0, Level::High, Speed::Low);
    let eye = Input::new(p.PD1, Pull::None);
    for _ in 0..3 {
        lamp.set_high();
        wait_for(Timer::after_millis(2));
        assert!(eye.is_high());
        lamp.set_low();
        wait_for(Timer::after_millis(2));
        assert!(eye.is_low());
    }
}

/// Somebody presses a key after five milliseconds.
pub fn button(p: Peripherals) {
    let mut finger = Output::new(p.PD0, Level::Low, Speed::Low);
    let mut key = ExtiInput::new(p.PD1, p.EXTI1, Pull::Down, Irqs);
    let begin = Instant::now();
    let press = async {
        Timer::after_millis(5).await;
        finger.set_high();
        Timer::after_millis(1).await;
        finger.set_low();
    };
    let watch = async {
        key.wait_for_rising_edge().await;
        let pressed = begin.elapsed();
        key.wait_for_falling_edge().await;
        (pressed, begin.elapsed())
    };
    let (_, (pressed, let_go)) = wait_for(join(press, watch));
    assert!((5_000..5_100).contains(&pressed.as_micros()), "{pressed:?}");
    assert!((6_000..6_100).contains(&let_go.as_micros()), "{let_go:?}");
}

/// A timer makes 10 kHz with a quarter of it high, another one measures it.
pub fn pwm(p: Peripherals) {
    let pin = PwmPin::new(p.PC6, OutputType::PushPull);
    let mut pwm = SimplePwm::new(
        p.TIM3,
        Some(pin),
        None,
        None,
        None,
        khz(10),
        CountingMode::EdgeAlignedUp,
    );
    let mut channel = pwm.ch1();
    channel.set_duty_cycle_fraction(1, 4);
    channel.enable();
    let mut meter = PwmInput::new_ch1(p.TIM1, p.PE9, Irqs, Pull::None, Hertz(1_000_000));
    meter.enable();
    wait_for(Timer::after_millis(1));
    let (period, width) = (meter.get_period_ticks(), meter.get_width_ticks());
    assert!((99..=101).contains(&period), "{period} us");
    assert!((24..=26).contains(&width), "{width} us");
}
