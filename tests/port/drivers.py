# psram: none
# attach: ds18b20:DQ=PC1
# attach: dht22:DATA=PC0
# attach: ws2812:DIN=PB0
# attach: ssd1306@I2C1
# The drivers for parts that are in the firmware, as their users write it.
import dht, ds18x20, machine, neopixel, onewire, ssd1306, time
from machine import I2C, SPI, Pin


def raises(kind, word, call):
    try:
        call()
    except kind as error:
        assert word in str(error), error
    else:
        raise AssertionError(word)


bus = onewire.OneWire(Pin("PC1"))
thermometer = ds18x20.DS18X20(bus)
roms = thermometer.scan()
assert len(roms) == 1 and roms[0][0] == 0x28 and bus.scan() == roms, roms
assert thermometer.read_temp(roms[0]) == 85, "as after power-up"
thermometer.convert_temp()
time.sleep_ms(760)
assert thermometer.read_temp(roms[0]) == 23.5625
thermometer.write_scratch(roms[0], b"\x01\x02\x7f")
assert thermometer.read_scratch(roms[0])[2:5] == b"\x01\x02\x7f"
stranger = bytearray(roms[0])
stranger[7] ^= 1
raises(Exception, "CRC", lambda: thermometer.read_temp(stranger))
# A wire that nobody holds.
empty = onewire.OneWire(Pin("PC2"))
assert not empty.reset() and empty.scan() == []
raises(onewire.OneWireError, "nobody", lambda: empty.reset(True))


class Wire(onewire.OneWire):
    # A bus of any parts: their numbers' bits, ANDed on the wire.
    def __init__(self, roms):
        self.roms = [int.from_bytes(rom, "little") for rom in roms]

    def reset(self, required=False):
        self.there, self.at, self.half = list(self.roms), 0, 0
        return bool(self.there)

    def writebyte(self, value):
        assert value == self.SEARCH_ROM

    def readbit(self):
        self.half ^= 1
        return min((((rom >> self.at) & 1) ^ (not self.half) for rom in self.there), default=1)

    def writebit(self, value):
        self.there = [rom for rom in self.there if (rom >> self.at) & 1 == value]
        self.at += 1


many = []
for n in (0, 1, 0x80, 0xFF00, 0x5555, 0xAAAA, 0x1234_5678, 0xFFFF_FFFF):
    rom = b"\x28" + n.to_bytes(6, "little")
    crc = next(c for c in range(256) if bus.crc8(rom + bytes((c,))) == 0)
    many.append(bytearray(rom + bytes((crc,))))
for count in range(len(many) + 1):
    found = Wire(many[:count]).scan()
    assert sorted(bytes(rom) for rom in found) == sorted(bytes(rom) for rom in many[:count]), (count, found)

sensor = dht.DHT22(Pin("PC0"))
sensor.measure()
assert (sensor.humidity(), sensor.temperature()) == (43.2, -7.5)
raises(OSError, "110", lambda: dht.DHT11(Pin("PC2")).measure())
small = dht.DHT11(Pin("PC0"))
small.buf[:] = b"\x2d\x00\x17\x00\x44"
assert (small.humidity(), small.temperature()) == (45, 23)

lamps = neopixel.NeoPixel(Pin("PB0"), 8)
assert len(lamps) == 8
lamps.fill((1, 2, 3))
lamps[0] = (255, 128, 0)
lamps[-1] = (7, 8, 9)
assert (lamps[0], lamps[1], lamps[7]) == ((255, 128, 0), (1, 2, 3), (7, 8, 9))
assert lamps.buf[:3] == b"\x80\xff\x00", "green comes first"
lamps.write()
raises(IndexError, "8 of 8", lambda: lamps[8])
time.sleep_us(100)
white = neopixel.NeoPixel(Pin("PB0"), 2, bpp=4)
white[1] = (1, 2, 3, 4)
assert white.buf == b"\0\0\0\0\2\1\3\4"

# The display itself reports commands that it does not have.
for height in (64, 32):
    display = ssd1306.SSD1306_I2C(128, height, I2C(1, freq=400_000))
    display.text("spiram", 0, 0)
    display.show()
display.contrast(10)
display.invert(True)
display.rotate(False)
display.poweroff()
display.poweron()
raises(OSError, "19", lambda: ssd1306.SSD1306_I2C(128, 64, I2C(1), addr=0x3D))


class Spi:
    sent = b""

    def write(self, buf):
        assert cs() == 0
        self.sent += bytes(buf) if dc() == 0 else b"[%d]" % len(buf)


spi, dc, res, cs = Spi(), Pin("PC4"), Pin("PC5"), Pin("PC6")
display = ssd1306.SSD1306_SPI(64, 48, spi, dc, res, cs)
assert res() == 1 and cs() == 1 and spi.sent.startswith(b"\xae\x20\x00"), spi.sent
assert spi.sent.endswith(b"\x21\x20\x5f\x22\x00\x05[384]"), spi.sent
print("ok")
