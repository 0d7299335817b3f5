# psram: esp-psram64h
# The core's clock is changed under a running program: time, memory, serial port, timers and waves go on.
import gc, machine, time
from machine import PWM, RTC, Pin, Timer

ALL = (64, 80, 100, 120, 160, 200, 225, 240, 250, 280)
assert machine.freq() == 280_000_000
rtc = RTC()
rtc.datetime((2026, 11, 27, 0, 12, 0, 0, 0))
data = [bytes([n & 255]) * 5000 for n in range(1000)]


def whole():
    return all(block == bytes([n & 255]) * 5000 for n, block in enumerate(data))


# A pin with a wave, and a timer with each kind of clock.
pin = Pin("PA0")
pwm = PWM(pin, freq=1000, duty_u16=20000)
ticks = [0, 0]


def count(n):
    def call(t):
        ticks[n] += 1

    return call


timers = [Timer(3, freq=100, callback=count(0)), Timer(-1, freq=100, callback=count(1))]


def loop():
    for _ in range(2000):
        pass


speed = []
for mhz in ALL + (64, 280, 225, 280):
    us, ns = time.ticks_us(), time.time_ns()
    machine.freq(mhz * 1_000_000)
    assert machine.freq() == mhz * 1_000_000
    print(mhz, "MHz")
    # It takes its time, and time knows: that of the crystal is the witness.
    passed_us = time.ticks_diff(time.ticks_us(), us)
    assert 0 < passed_us < 20_000 and abs(passed_us - (time.time_ns() - ns) // 1000) < 300, passed_us
    assert whole(), mhz
    us, ns = time.ticks_us(), time.time_ns()
    ticks[:] = 0, 0
    time.sleep_ms(205)
    passed_us = time.ticks_diff(time.ticks_us(), us)
    assert 205_000 <= passed_us < 206_000 and abs(passed_us - (time.time_ns() - ns) // 1000) < 400, passed_us
    assert all(19 <= n <= 21 for n in ticks), (mhz, ticks)
    # An interrupt at an edge makes a pulse seem longer or shorter.
    for attempt in range(5):
        while pin():
            pass
        high = machine.time_pulse_us(pin, 1, 10_000)
        while not pin():
            pass
        low = machine.time_pulse_us(pin, 0, 10_000)
        if abs(high - 305) < 12 and abs(low - 695) < 12:
            break
    else:
        assert False, (mhz, high, low)
    us = time.ticks_us()
    loop()
    speed.append(time.ticks_diff(time.ticks_us(), us))
    gc.collect()
# Work takes as long as the clock says.
for mhz, us in zip(ALL, speed):
    assert abs(us * mhz / (speed[0] * 64) - 1) < 0.1, (mhz, us, speed[0])
pwm.deinit()
for timer in timers:
    timer.deinit()
start = time.ticks_us()
machine.freq(64_000_000)
machine.bitstream(pin, 0, (400, 850, 800, 450), bytes(10))
machine.freq(280_000_000)
for wrong in (1, 63_999_999, 230_000_000, 281_000_000, 480_000_000):
    try:
        machine.freq(wrong)
        assert False, wrong
    except ValueError as error:
        assert str(error).endswith("in MHz: 64 80 100 120 160 200 225 240 250 280"), error
assert machine.freq() == 280_000_000 and whole()
print("ok")
