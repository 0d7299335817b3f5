# psram: none
# attach: dht22:DATA=PC0
# attach: ws2812:DIN=PB0
# attach: encoder:A=PC6,B=PC7
# attach: volts:PC1=1.65
# attach: volts:PC4=3.3
# Parts that people put on such boards, by what MicroPython's drivers for them are made of.
import machine, time
from machine import ADC, Pin

# dht.py: five bytes, whose last is the sum of the others.
data = Pin("PC0")
for _ in range(3):
    got = bytearray(5)
    machine.dht_readinto(data, got)
    assert got[4] == sum(got[:4]) & 0xFF, got
    assert (got[0] << 8 | got[1]) / 10 == 43.2 and ((got[2] & 0x7F) << 8 | got[3]) / -10 == -7.5, got

# neopixel.py: the chain itself looks at each pulse.
lamps = Pin("PB0", Pin.OUT)
for hz in (280_000_000, 64_000_000):
    machine.freq(hz)
    for bytes_ in (b"\x00\xff\x80", bytes(range(48)) * 2):
        machine.bitstream(lamps, 0, (400, 850, 800, 450), bytes_)
        time.sleep_us(100)
machine.freq(280_000_000)

for pin, volts in (("PC1", 1.65), ("PC4", 3.3)):
    read = ADC(Pin(pin)).read_uv() / 1e6
    assert abs(read - volts) < 0.02, (pin, read)

# A knob: by the timer, and by interrupts, as many do. It turns two seconds forwards, then two back.
seen = [0]


def until(phase_ms):
    time.sleep_ms((phase_ms - time.ticks_ms()) % 4000)


def turned(pin):
    seen[0] += 1 if a.value() != b.value() else -1


a, b = Pin("PC6"), Pin("PC7")
a.irq(turned, Pin.IRQ_RISING | Pin.IRQ_FALLING, hard=True)
until(100)
before = seen[0]
time.sleep_ms(500)
forwards = seen[0] - before
assert abs(abs(forwards) - 250) <= 2, forwards
a.irq(None)
until(900)
encoder = machine.Encoder(3, "PC6", "PC7", phases=4)
time.sleep_ms(500)
assert abs(abs(encoder.value()) - 500) <= 2, encoder.value()
encoder.deinit()
print("ok")
