# psram: none
# Edges that timers count, and the edge that a handler was called for. Pins move each other through pulls and their own latches.
import time
from machine import PWM, Counter, Encoder, Pin, Timer


def raises(kind, words, call):
    try:
        call()
        assert False, words
    except kind as error:
        assert words in str(error), error


# The pin is an input of the timer, and its pull moves it.
def level(name, high):
    Pin(name).pull(Pin.PULL_UP if high else Pin.PULL_DOWN)


level("PA0", 0)
level("PA1", 0)
counter = Counter(2, "PA0")
assert repr(counter) == "Counter(2)" and counter.value() == 0


def pulses(name, n):
    for _ in range(n):
        level(name, 1)
        level(name, 0)


pulses("PA0", 5)
assert counter.value() == 5
assert counter.value(-3) == 5 and counter.value() == -3
pulses("PA0", 4)
assert counter.value() == 1
counter.init("PA1", edge=Counter.FALLING, direction=Counter.DOWN)
pulses("PA0", 3)
pulses("PA1", 7)
assert counter.value() == -7
counter.init("PA1", edge=Counter.RISING | Counter.FALLING)
pulses("PA1", 7)
assert counter.value() == 14
raises(ValueError, "Timer(2) is in use by a Counter", lambda: Timer(2, period=1))
counter.deinit()
raises(ValueError, "does not count", counter.value)

encoder = Encoder(5, "PA0", "PA1", phases=4)
assert repr(encoder) == "Encoder(5, phases=4)"
up = (("PA0", 1), ("PA1", 1), ("PA0", 0), ("PA1", 0))
down = (("PA1", 1), ("PA0", 1), ("PA1", 0), ("PA0", 0))


def turn(steps, n):
    for _ in range(n):
        for step in steps:
            level(*step)
    return encoder.value()


assert turn(up, 3) == 12
assert turn(down, 5) == -8
assert turn(up[:1], 1) == -7
turn(up[1:], 1)
for phases, counts in ((1, 10), (2, 20), (4, 40)):
    encoder.init("PA0", "PA1", phases=phases)
    assert turn(up, 10) == counts
    assert encoder.value(-5) == counts and encoder.value() == -5
    assert turn(down, 10) == -5 - counts
encoder.deinit()

raises(ValueError, "timers 1, 2, 3, 4, 5 and 8", lambda: Counter(15, "PA0"))
raises(ValueError, "PE0 is no input of timer 2; those are:", lambda: Counter(2, "PE0"))
raises(ValueError, "PA0 is no input for phase_b", lambda: Encoder(2, "PA0", "PA0"))
raises(ValueError, "phases is", lambda: Encoder(2, "PA0", "PA1", phases=3))
raises(ValueError, "no filter", lambda: Counter(2, "PA0", filter_ns=100))
raises(ValueError, "edge is", lambda: Counter(2, "PA0", edge=0))
raises(ValueError, "no Timer(7)", lambda: Counter(7, "PA0"))
Timer(2, period=1).deinit()

# What the handler was called for.
pin = Pin("PA0", Pin.OUT, value=0)
seen = []
irq = pin.irq(lambda p: seen.append(irq.flags()), Pin.IRQ_RISING | Pin.IRQ_FALLING)
for high in (1, 0, 1, 0):
    pin(high)
    time.sleep_ms(1)
assert seen == [Pin.IRQ_RISING, Pin.IRQ_FALLING] * 2, seen
pin.irq(None)
print("ok")
