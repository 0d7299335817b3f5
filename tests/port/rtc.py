# psram: none
# The calendar: set, read, calibrated, with alarms; and the time functions that read it.
import machine, os, time
from machine import RTC


def raises(kind, words, call):
    try:
        call()
        assert False, words
    except kind as error:
        assert words in str(error), error


rtc = RTC()
assert repr(rtc) in ("RTC(0, crystal)", "RTC(0, not running)"), rtc
raises(ValueError, "one RTC", lambda: RTC(1))

# It begins on a Saturday, and knows the time since start.
assert rtc.datetime()[:5] == (2000, 1, 1, 6, 0), rtc.datetime()
assert repr(rtc) == "RTC(0, crystal)"
assert time.time() < 10 and time.localtime()[6:] == (5, 1)

# mpremote counts weekdays from 0, the documentation from 1: both are taken, and the right one is told.
for weekday in (4, 5, 0):
    assert rtc.datetime((2026, 11, 27, weekday, 12, 34, 56, 250_000)) is None
    now = rtc.datetime()
    assert now[:7] == (2026, 11, 27, 5, 12, 34, 56) and 250_000 <= now[7] < 252_000, now
assert rtc.now()[:6] == (2026, 11, 27, 12, 34, 56) and rtc.now()[7] is None
assert time.localtime()[:8] == (2026, 11, 27, 12, 34, 56, 4, 331), time.localtime()
assert time.gmtime() == time.localtime()
assert time.time() == time.mktime((2026, 11, 27, 12, 34, 56, 0, 0)) == 849_098_096
assert abs(time.time_ns() / 1e9 - 849_098_096.27) < 0.05, time.time_ns()

# It goes on by the crystal, and seconds turn over where they should.
start = time.ticks_ms()
ns = time.time_ns()
time.sleep_ms(1500)
passed = (time.time_ns() - ns) / 1e6
assert abs(passed - time.ticks_diff(time.ticks_ms(), start)) < 1.5, passed
for before, after in (
    ((2027, 2, 28, 0, 23, 59, 59, 990_000), (2027, 3, 1, 1, 0, 0, 0)),
    ((2028, 2, 28, 0, 23, 59, 59, 990_000), (2028, 2, 29, 2, 0, 0, 0)),
    ((2099, 12, 31, 0, 23, 59, 59, 980_000), (2000, 1, 1, 6, 0, 0, 0)),
):
    rtc.datetime(before)
    assert rtc.datetime()[:7] == before[:3] + (rtc.datetime()[3],) + before[4:7]
    time.sleep_ms(25)
    assert rtc.datetime()[:7] == after, rtc.datetime()

# The other order, of init.
rtc.init((2026, 1, 2, 3, 4, 5, 6, None))
assert rtc.datetime()[:7] == (2026, 1, 2, 5, 3, 4, 5)
rtc.init()
rtc.deinit()
assert rtc.datetime()[:3] == (2015, 1, 1)

for wrong in (
    (1999, 1, 1, 1, 0, 0, 0, 0),
    (2100, 1, 1, 1, 0, 0, 0, 0),
    (2026, 13, 1, 1, 0, 0, 0, 0),
    (2026, 2, 29, 1, 0, 0, 0, 0),
    (2026, 1, 1, 1, 24, 0, 0, 0),
    (2026, 1, 1, 1, 0, 60, 0, 0),
    (2026, 1, 1, 1, 0, 0, 0, 1_000_000),
):
    raises(ValueError, "is no time of 2000 to 2099", lambda: rtc.datetime(wrong))
for wrong in ((2026, 1, 1), 5, "2026-01-01", None.__class__, (2026, 1, 1, 1, 0, 0, 0, "x"), (2026, -1, 1, 1, 0, 0, 0, 0)):
    try:
        rtc.datetime(wrong)
        assert False, wrong
    except (TypeError, ValueError):
        pass
assert rtc.datetime()[:3] == (2015, 1, 1)

# Files get its time.
rtc.datetime((2026, 11, 27, 0, 12, 0, 0, 0))
with open("dated", "w") as file:
    file.write("x")
assert os.stat("dated")[8] - time.time() in (-1, 0)
os.remove("dated")

# 512 pulses of 2**20 are 488 ppm.
assert rtc.calibration() == 0
for pulses in (512, 1, -511, 0):
    rtc.calibration(pulses)
    assert rtc.calibration() == pulses
raises(ValueError, "-511 to 512", lambda: rtc.calibration(513))
rtc.calibration(512)
ns, us = time.time_ns(), time.ticks_us()
time.sleep(10)
gained = (time.time_ns() - ns) // 1000 - time.ticks_diff(time.ticks_us(), us)
assert 4500 < gained < 5300, gained
rtc.calibration(0)

# The alarm: in milliseconds, at a moment, again and again.
seen = []
rtc.irq(trigger=RTC.ALARM0, handler=lambda r: seen.append((r is rtc, time.ticks_ms())))
start = time.ticks_ms()
rtc.alarm(0, 350)
assert 340 < rtc.alarm_left() <= 350
time.sleep_ms(345)
assert not seen
time.sleep_ms(10)
assert len(seen) == 1 and seen[0][0] and abs(seen[0][1] - start - 350) <= 1, (seen, start)
assert rtc.alarm_left() == 0
rtc.alarm(0, 100, repeat=True)
time.sleep_ms(550)
rtc.alarm_cancel()
time.sleep_ms(200)
assert len(seen) == 6, seen
rtc.datetime((2026, 12, 31, 0, 23, 59, 58, 0))
rtc.alarm(RTC.ALARM0, (2027, 1, 1, 0, 0, 0, 0, 500_000))
assert 2490 < rtc.alarm_left() <= 2500
time.sleep_ms(2450)
assert len(seen) == 6
time.sleep_ms(60)
assert len(seen) == 7
# In two months: the hardware's match after one is not it.
rtc.datetime((2026, 1, 30, 0, 23, 59, 59, 0))
rtc.alarm(0, (2026, 3, 31, 0, 0, 0, 0, 0))
time.sleep_ms(1100)
assert len(seen) == 7 and rtc.alarm_left() > 5_000_000_000
rtc.datetime((2026, 3, 30, 0, 23, 59, 59, 500_000))
time.sleep_ms(600)
assert len(seen) == 8 and rtc.alarm_left() == 0
raises(ValueError, "in the past", lambda: rtc.alarm(0, (2026, 1, 1, 0, 0, 0, 0, 0)))
raises(ValueError, "one alarm", lambda: rtc.alarm(1, 100))
raises(ValueError, "one millisecond", lambda: rtc.alarm(0, 0))
raises(ValueError, "repeat=True needs", lambda: rtc.alarm(0, rtc.datetime(), repeat=True))

# The wake-up timer.
ticks = []
rtc.wakeup(100, lambda r: ticks.append(time.ticks_ms()))
time.sleep_ms(350)
rtc.wakeup(None)
time.sleep_ms(200)
assert len(ticks) == 3 and all(abs(b - a - 100) <= 1 for a, b in zip(ticks, ticks[1:])), ticks
rtc.wakeup(40_000, lambda r: ticks.append(0))
time.sleep_ms(41_000)
rtc.wakeup(None)
assert len(ticks) == 4, ticks
raises(ValueError, "1 to 65536000 ms", lambda: rtc.wakeup(0))

# Bytes that outlive a reset.
assert rtc.memory() == b""
for data in (b"x", bytes(range(124)), b"four", b""):
    rtc.memory(data)
    assert rtc.memory() == data
raises(ValueError, "124 bytes, not 125", lambda: rtc.memory(bytes(125)))
print("ok")
