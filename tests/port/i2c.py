# psram: none
# attach: 24c256@I2C1
# attach: ssd1306@I2C1
# attach: 24c256:SCL=PB10,SDA=PB11
# machine.I2C against an EEPROM and a display on its pins, and SoftI2C on the same two.
import errno
import time
from machine import I2C, Pin, SoftI2C

EEPROM = 0x50
DISPLAY = 0x3C


def fails(kind, call, *words):
    try:
        call()
    except kind as error:
        assert all(word in str(error) for word in words), error
        return error
    raise AssertionError("no " + kind.__name__)


def os_error(number, call):
    assert fails(OSError, call).errno == number


i2c = I2C(1, freq=400_000)
assert str(i2c) == "I2C(1, scl=PB8, sda=PB9, freq=400000, timeout=50000)", i2c
assert i2c.scan() == [DISPLAY, EEPROM], i2c.scan()

# A page, and what the write cycle does: nobody answers for 5 ms.
assert i2c.writeto_mem(EEPROM, 0x0123, b"spiram", addrsize=16) is None
os_error(errno.ENODEV, lambda: i2c.writeto(EEPROM, b""))
start = time.ticks_us()
while EEPROM not in i2c.scan():
    pass
assert time.ticks_diff(time.ticks_us(), start) < 8_000
assert i2c.readfrom_mem(EEPROM, 0x0123, 6, addrsize=16) == b"spiram"
assert i2c.readfrom_mem(EEPROM, 0x0122, 8, addrsize=16) == b"\xffspiram\xff"

# In parts: the address without a stop, then a read after a repeated start.
assert i2c.writeto(EEPROM, b"\x01\x23", False) == 2
assert i2c.readfrom(EEPROM, 3) == b"spi"
buffer = bytearray(3)
i2c.readfrom_into(EEPROM, buffer)
assert buffer == b"ram", "it goes on where it was"

# Several buffers are one message.
assert i2c.writevto(EEPROM, (b"\x02\x00", b"one", bytearray(b"two"))) == 8
time.sleep_ms(6)
i2c.readfrom_mem_into(EEPROM, 0x0200, buffer, addrsize=16)
assert buffer == b"one"

# A write wraps in its page of 64 bytes.
i2c.writeto_mem(EEPROM, 62, b"abcd", addrsize=16)
time.sleep_ms(6)
assert i2c.readfrom_mem(EEPROM, 0, 2, addrsize=16) == b"cd"

# More than the hardware's counter of 255 holds, read at once.
for page in range(0, 512, 64):
    i2c.writeto_mem(EEPROM, page, bytes((page // 64 + n) & 255 for n in range(64)), addrsize=16)
    time.sleep_ms(6)
whole = i2c.readfrom_mem(EEPROM, 0, 512, addrsize=16)
assert whole == bytes((at // 64 + at % 64) & 255 for at in range(512))
# And written: the picture of the display, 1024 bytes in one message.
assert i2c.writevto(DISPLAY, (b"\x00\x20\x00\x21\x00\x7f\x22\x00\x07",)) == 9
assert i2c.writevto(DISPLAY, (b"\x40", bytes(1024))) == 1025

# By hand on the same pins, and back.
soft = SoftI2C(scl=Pin("PB8"), sda=Pin("PB9"), freq=100_000)
assert soft.scan() == [DISPLAY, EEPROM]
assert soft.readfrom_mem(EEPROM, 0x0200, 6, addrsize=16) == b"onetwo"
i2c = I2C(scl=Pin("PB8"), sda=Pin("PB9"), freq=1_000_000, timeout=2_000)
assert i2c.readfrom_mem(EEPROM, 0x0200, 6, addrsize=16) == b"onetwo"

# The speed is what was asked for: 2 + 1 + 256 bytes of nine clocks, a start, a restart, a stop.
for freq in (100_000, 400_000):
    i2c.init(freq=freq)
    start = time.ticks_us()
    i2c.readfrom_mem(EEPROM, 0, 256, addrsize=16)
    took = time.ticks_diff(time.ticks_us(), start)
    wanted = 260 * 9 * 1_000_000 // freq
    assert wanted * 98 // 100 < took < wanted * 110 // 100, (freq, took, wanted)

# What cannot be.
os_error(errno.ENODEV, lambda: i2c.readfrom(0x51, 1))
os_error(errno.ENODEV, lambda: i2c.readfrom(DISPLAY, 1))
os_error(errno.EINVAL, lambda: i2c.writeto(0x80, b""))
os_error(errno.EINVAL, lambda: i2c.readfrom(EEPROM, 0))
fails(OSError, i2c.start)
fails(ValueError, lambda: I2C(5), "1 to 4")
fails(ValueError, lambda: I2C(), "needs an id")
fails(ValueError, lambda: I2C(1, freq=5), "freq=5", "20000 to 1000000")
fails(ValueError, lambda: I2C(1, scl="PA0", sda="PB9"), "PA0 is not SCL of I2C1", "PB8")
fails(ValueError, lambda: I2C(1, scl="PB8"), "both")
fails(ValueError, lambda: I2C(1, scl="PB6", sda="PB7"), "taken")
fails(ValueError, lambda: I2C(scl="PB8", sda="PB11"), "no I2C has SCL on PB8")
fails(ValueError, lambda: I2C(4), "no usual pins")
fails(TypeError, lambda: i2c.writeto(EEPROM, 5))

# A memory that was left in the middle of a byte holds SDA low: that ends by the timeout. Clocks free it.
i2c = I2C(2)
assert i2c.scan() == [EEPROM]
i2c.writeto_mem(EEPROM, 0, bytes(8), addrsize=16)
time.sleep_ms(6)
i2c.writeto(EEPROM, b"\x00\x00")
soft = SoftI2C(scl=Pin("PB10"), sda=Pin("PB11"))
soft.start()
assert soft.write(b"\xa1") == 1
i2c = I2C(2, timeout=3_000)
start = time.ticks_us()
os_error(errno.ETIMEDOUT, lambda: i2c.writeto(EEPROM, b""))
assert 3_000 <= time.ticks_diff(time.ticks_us(), start) < 6_000
scl = Pin("PB10", Pin.OPEN_DRAIN, value=1)
for _ in range(9):
    scl(0)
    time.sleep_us(5)
    scl(1)
    time.sleep_us(5)
i2c = I2C(2)
assert i2c.scan() == [EEPROM]


class Named(I2C):
    pass


assert EEPROM in Named(1).scan()
