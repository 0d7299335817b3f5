# psram: esp-psram64h
# Sleep in which the clocks stand still: what is kept, what ends it, and how long it takes by the crystal.
import gc, machine, time
from machine import PWM, RTC, Pin, Timer


def raises(kind, words, call):
    try:
        call()
        assert False, words
    except kind as error:
        assert words in str(error), error


rtc = RTC()
rtc.datetime((2026, 11, 27, 0, 12, 0, 0, 0))
data = [bytes([n & 255]) * 5000 for n in range(600)]


def slept(ms=None):
    "How long, by the calendar and by the clock that stands still, in ms."
    ns, us = time.time_ns(), time.ticks_us()
    if ms is None:
        machine.lightsleep()
    else:
        machine.lightsleep(ms)
    return (time.time_ns() - ns) / 1e6, time.ticks_diff(time.ticks_us(), us) / 1e3


# So long as was asked, at each clock of the core.
for mhz in (280, 64, 225, 280):
    machine.freq(mhz * 1_000_000)
    for ms in (1, 10, 1000, 60_000):
        passed, counted = slept(ms)
        assert ms - 0.5 <= passed < ms + 8, (mhz, ms, passed)
        assert 0 <= counted < 8, (mhz, ms, counted)
    assert machine.freq() == mhz * 1_000_000
    assert all(block == bytes([n & 255]) * 5000 for n, block in enumerate(data))
gc.collect()

# A hundred in a row; time goes on afterwards.
ns = time.time_ns()
for _ in range(100):
    machine.lightsleep(20)
assert 1998 <= (time.time_ns() - ns) / 1e6 < 2700
ns, us = time.time_ns(), time.ticks_us()
time.sleep_ms(500)
assert abs((time.time_ns() - ns) / 1000 - time.ticks_diff(time.ticks_us(), us)) < 500

# The alarm ends it, and its handler runs; timers stand still meanwhile and go on.
seen = []
rtc.irq(handler=lambda r: seen.append(1))
rtc.alarm(0, 3000)
ticks = 0


def tick(t):
    global ticks
    ticks += 1


timers = [Timer(2, period=50, callback=tick), Timer(-1, period=50, callback=tick)]
passed, _ = slept()
while passed < 2900:
    # What was pending ended it at once.
    passed += slept()[0]
time.sleep_ms(1)
assert seen == [1] and passed < 3300, (seen, passed)
assert ticks < 10, ticks
time.sleep_ms(200)
assert 7 <= ticks <= 12, ticks
for timer in timers:
    timer.deinit()

raises(ValueError, "time_ms is", lambda: machine.lightsleep(0))
raises(ValueError, "time_ms is", lambda: machine.deepsleep(65_536_001))
print("ok")
