# psram: esp-psram64h
# Pins with all that they can do, interrupts by edges, and the protocols that the core makes on pins.
import gc, machine, micropython, time
from machine import Pin


def raises(kind, words, call):
    try:
        call()
        assert False, words
    except kind as error:
        assert words in str(error), error


# Modes, pulls, drive, alternate functions: read back from the chip.
pin = Pin("PA0", Pin.OUT, value=1, drive=Pin.DRIVE_2)
assert (pin.mode(), pin.pull(), pin.drive(), pin()) == (Pin.OUT, None, Pin.DRIVE_2, 1)
assert pin.mode(Pin.IN) == Pin.OUT and pin.pull(Pin.PULL_DOWN) is None
assert (pin.mode(), pin.pull(), pin()) == (Pin.IN, Pin.PULL_DOWN, 0)
pin.init(Pin.ALT, alt=1)
assert pin.mode() == Pin.ALT and repr(pin) == "Pin('PA0', mode=Pin.ALT, alt=1)", pin
pin.init(Pin.ALT_OPEN_DRAIN, alt=2)
assert pin.mode() == Pin.ALT_OPEN_DRAIN
raises(ValueError, "alt=6 selects nothing on PA0", lambda: pin.init(Pin.ALT, alt=6))
raises(ValueError, "needs alt", lambda: pin.init(Pin.ALT))
raises(ValueError, "mode is", lambda: pin.init(9))
raises(ValueError, "drive is", lambda: pin.init(drive=4))

# A soft handler runs between two bytecodes, at the edges that were asked for, with the pin.
pin.init(Pin.OUT, value=0)
seen = []
irq = pin.irq(lambda p: seen.append((p is pin, p())), Pin.IRQ_RISING)
for _ in range(3):
    pin.on()
    time.sleep_ms(1)
    pin.off()
    time.sleep_ms(1)
assert seen == [(True, 1)] * 3, seen
assert irq.trigger() == Pin.IRQ_RISING
irq.trigger(Pin.IRQ_FALLING)
pin.on()
pin.off()
time.sleep_ms(1)
assert len(seen) == 4 and seen[3] == (True, 0), seen
raises(ValueError, "in use by PA0", lambda: Pin("PC0", Pin.IN).irq(print))
raises(ValueError, "no interrupts by level", lambda: pin.irq(print, 4))

# Held back by disable_irq, and not lost.
pin.irq(lambda p: seen.append(0), Pin.IRQ_RISING)
before = machine.disable_irq()
pin.on()
time.sleep_ms(1)
assert len(seen) == 4
machine.enable_irq(before)
time.sleep_ms(1)
assert len(seen) == 5
pin.irq(None)
pin.off()
pin.on()
time.sleep_ms(1)
assert len(seen) == 5

# A hard handler runs while the heap is locked, and sees the very next edge.
count = 0


def hard(p):
    global count
    count += 1


pin.irq(hard, Pin.IRQ_RISING | Pin.IRQ_FALLING, hard=True)
micropython.heap_lock()
for _ in range(10):
    pin.toggle()
micropython.heap_unlock()
assert count == 10, count
# One that needs memory is told so on the console, and is gone. The heap is whole.
pin.irq(lambda p: bytearray(1000), hard=True)
pin.toggle()
pin.toggle()
pin.irq(None)
data = [bytearray(1000) for _ in range(2000)]
gc.collect()
assert all(block == bytes(1000) for block in data)

# Two wires with pull-ups and nobody on them.
for name in ("PD8", "PD9"):
    Pin(name, Pin.OPEN_DRAIN, Pin.PULL_UP, value=1)
i2c = machine.SoftI2C("PD8", "PD9", freq=100_000)
assert "scl=PD8" in repr(i2c), i2c
assert i2c.scan() == []
raises(OSError, "19", lambda: i2c.readfrom(0x50, 1))
raises(ValueError, "is taken", lambda: machine.SoftI2C("PB6", "PD9"))
raises(ValueError, "is taken", lambda: machine.SoftSPI(sck="PD8", mosi="PD9", miso="PA2"))
for wrong in (5, None, "PF1", print):
    try:
        machine.SoftI2C(wrong, "PD9")
        assert False, wrong
    except (TypeError, ValueError):
        pass


class Derived(machine.SoftI2C):
    def __init__(self):
        pass


try:
    Derived().scan()
    assert False
except (TypeError, AttributeError):
    pass

# What a SoftSPI sends comes back where its output is its input.
for frequency in (500_000, 0):
    spi = machine.SoftSPI(baudrate=frequency, sck="PD8", mosi="PD9", miso="PD10")
    Pin("PD10", Pin.IN, Pin.PULL_UP)
    assert spi.read(3) == b"\xff\xff\xff"
    Pin("PD10", Pin.IN, Pin.PULL_DOWN)
    assert spi.read(3, 0x55) == bytes(3)

# Nobody answers.
import _onewire

bus = Pin("PD9", Pin.OPEN_DRAIN, Pin.PULL_UP, value=1)
assert not _onewire.reset(bus) and _onewire.readbyte(bus) == 255
raises(OSError, "110", lambda: machine.dht_readinto(bus, bytearray(5)))
raises(ValueError, "5 bytes", lambda: machine.dht_readinto(bus, bytearray(4)))

# Times: of a level that does not come, of one that does not end, and of 80 bits that are sent.
assert machine.time_pulse_us(bus, 0, 500) == -2 and machine.time_pulse_us(bus, 1, 500) == -1
start = time.ticks_us()
machine.bitstream(bus, 0, (400, 850, 800, 450), bytes(10))
assert 100 <= time.ticks_diff(time.ticks_us(), start) < 150
raises(ValueError, "too long", lambda: machine.bitstream(bus, 0, (2_000_000, 1, 1, 1), b"1"))
raises(ValueError, "encoding", lambda: machine.bitstream(bus, 1, (1, 1, 1, 1), b"1"))
for wrong in ((1, 2, 3), 5, (1, 2, 3, "x"), (-1, 1, 1, 1)):
    try:
        machine.bitstream(bus, 0, wrong, b"1")
        assert False, wrong
    except (TypeError, ValueError):
        pass
print("ok")
