# psram: none
# attach: w25q64:CS=PA4,CLK=PA5,DI=PA7,DO=PA6
# A W25Q64 on SPI1, by machine.SPI and by hand.
import time
from machine import Pin, SPI, SoftSPI

cs = Pin("PA4", Pin.OUT, value=1)


def talk(bus, command, read=0):
    cs(0)
    bus.write(command)
    got = bus.read(read)
    cs(1)
    return got


def wait(bus):
    start = time.ticks_us()
    while talk(bus, b"\x05", 1)[0] & 1:
        pass
    return time.ticks_diff(time.ticks_us(), start)


for mode in (0, 3):
    spi = SPI(1, 16_000_000, polarity=mode >> 1, phase=mode & 1)
    assert talk(spi, b"\x9f", 3) == b"\xef\x40\x17", mode

data = bytes(range(256))
talk(spi, b"\x06")
talk(spi, b"\x02\x12\x34\x00" + data)
assert 300 < wait(spi) < 500
assert talk(spi, b"\x03\x12\x34\x00", 256) == data
assert talk(spi, b"\x0b\x12\x34\xff\x00", 2) == b"\xff\xff"

spi.deinit()
soft = SoftSPI(baudrate=500_000, sck=Pin("PA5"), mosi=Pin("PA7"), miso=Pin("PA6"))
assert talk(soft, b"\x9f", 3) == b"\xef\x40\x17"
assert talk(soft, b"\x03\x12\x34\x10", 4) == data[0x10:0x14]
talk(soft, b"\x06")
talk(soft, b"\x20\x12\x30\x00")
assert 40_000 < wait(soft) < 50_000

spi = SPI(1, 32_000_000)
assert talk(spi, b"\x03\x12\x34\x00", 256) == b"\xff" * 256
