# psram: none
# attach: volts:PC1=0
# attach: volts:PC4=3.3
# attach: volts:PB1=1.65
# attach: 24c256@I2C1
# What users of other boards met, and what is right. The devices are those of the virtual board.
import gc, machine, time
from machine import ADC, I2C, PWM, RTC, Pin, Timer


def refused(action, *kinds):
    try:
        action()
    except kinds or (TypeError, ValueError, OverflowError) as error:
        assert str(error), action
        return str(error)
    assert False, "nothing was raised"


# A pin that was never set up has its port's clock: it reads what is there.
for name, level in (("PC1", 0), ("PC4", 1)):
    pin = Pin(name)
    assert pin.value() == level, name
    assert Pin(name, Pin.IN).value() == level, name

# The ends of a converter's range, and a voltage between two others.
assert ADC("PC1").read_u16() <= 64, ADC("PC1").read_u16()
assert ADC("PC4").read_u16() >= 65471, ADC("PC4").read_u16()
assert abs(ADC("PB1").read_u16() - 32768) < 330, ADC("PB1").read_u16()
for what in (-1, 7, 20, 31, 255, 2**40, "PE3", None, 1.5, "PC40"):
    refused(lambda: ADC(what))

# An address is a number, and a multiple of what is read.
for memory, step in ((machine.mem8, 1), (machine.mem16, 2), (machine.mem32, 4)):
    for address in ("x", 1.5, None, (1,), b"abc"):
        refused(lambda: memory[address])
    for odd in range(1, step):
        refused(lambda: memory[0x20014000 + odd])

# The length of an address within a part is 0, 8, 16, 24 or 32 bits.
i2c = I2C(1)
for bits in (7, 40, 2**31 - 1, -8, -1):
    refused(lambda: i2c.readfrom_mem(0x50, 0, 1, addrsize=bits))
for _ in range(200):
    refused(lambda: i2c.writeto(0x23, b"x"), OSError)
assert i2c.scan() == [0x50]
assert len(i2c.readfrom_mem(0x50, 0, 4, addrsize=16)) == 4

# The ends of a duty are flat, and half is half.
pwm = PWM(Pin("PA0"), freq=100_000, duty_u16=0)
pin = Pin("PA0")


def share():
    return sum(machine.mem32[0x58020010] & 1 for _ in range(1000))


assert share() == 0
pwm.duty_u16(65535)
assert share() == 1000
pwm.duty_u16(32768)
assert 400 < share() < 600
pwm.deinit()

# What a timer cannot do it says.
for hz in (0, -5, 1e12, 0.0000001):
    refused(lambda: Timer(2, freq=hz, callback=print))

# One-shots that end in the middle of collections: none is lost, none comes twice.
ended = [0] * 20
timers = [Timer(-1) for _ in ended]
for round in range(1, 21):
    for n, timer in enumerate(timers):

        def done(timer, n=n):
            ended[n] += 1

        timer.init(mode=Timer.ONE_SHOT, period=1 + n % 10, callback=done)
    start = time.ticks_ms()
    while time.ticks_diff(time.ticks_ms(), start) < 15:
        gc.collect()
    assert ended == [round] * 20, (round, ended)

# Sub-seconds are no reason to refuse.
rtc = RTC()
rtc.datetime((2026, 2, 28, 0, 23, 59, 59, 999_000))
assert rtc.datetime()[:3] in ((2026, 2, 28), (2026, 3, 1)), rtc.datetime()
time.sleep_ms(20)
assert rtc.datetime()[:7] == (2026, 3, 1, 7, 0, 0, 0), rtc.datetime()
print("ok")
