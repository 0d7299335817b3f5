# psram: none
# attach: wire:PA7,PA6
# attach: wire:PB15,PB10
# machine.SPI over a wire from MOSI to MISO, and against levels that the script itself reads.
import time
from machine import Pin, SPI, SoftSPI


def fails(kind, call, *words):
    try:
        call()
    except kind as error:
        assert all(word in str(error) for word in words), error
        return
    raise AssertionError("no " + kind.__name__)


spi = SPI(1, 8_000_000)
text = "SPI(1, baudrate=8000000, polarity=0, phase=0, bits=8, firstbit=SPI.MSB, sck=PA5, mosi=PA7, miso=PA6)"
assert str(spi) == text, spi

# What is sent comes back: in all modes, both orders, both widths, more than a FIFO holds, in place and apart.
sent = bytes(range(256)) + b"spiram" * 7
for bits in (8, 16):
    for mode in range(4):
        for firstbit in (SPI.MSB, SPI.LSB):
            spi.init(polarity=mode >> 1, phase=mode & 1, firstbit=firstbit, bits=bits)
            back = bytearray(len(sent))
            spi.write_readinto(sent, back)
            assert back == sent, (bits, mode, firstbit)
            back = bytearray(sent)
            spi.write_readinto(back, back)
            assert back == sent
spi.init(polarity=0, phase=0, bits=8, firstbit=SPI.MSB)
assert spi.write(b"abc") is None
assert spi.read(5) == bytes(5)
assert spi.read(3, 0xA5) == b"\xa5\xa5\xa5"
back = bytearray(4)
spi.readinto(back, 0x3C)
assert back == b"\x3c" * 4
assert spi.read(0) == b""

# Another input than the wire, and none.
spi.deinit()
spi = SPI(1, 8_000_000, sck="PA5", mosi="PA7", miso="PB4")
Pin("PB5", Pin.OUT)
assert spi.read(2, 0xFF) == b"\0\0", "a net that floats reads low"
spi = SPI(1, 8_000_000, sck="PA5", mosi="PA7")
spi.write(b"\xff")

# The clock rests where polarity says, and stays there between transfers.
for polarity in (0, 1):
    spi = SPI(2, 1_000_000, polarity=polarity)
    spi.write(b"\x55")
    assert Pin("PB13").value() == polarity

# The speed: a byte is eight bits of what print says.
for asked, got in ((250_000, 250_000), (999_999, 500_000), (1_000_000, 1_000_000), (100_000_000, 32_000_000)):
    spi.init(asked)
    assert "baudrate=%d," % got in str(spi), spi
    if got > 1_000_000:
        continue
    block = bytearray(100)
    start = time.ticks_us()
    spi.write(block)
    took = time.ticks_diff(time.ticks_us(), start)
    wanted = 800 * 1_000_000 // got
    assert wanted <= took < wanted * 102 // 100 + 20, (got, took)

# Bits by hand see the same wire: MOSI of SPI2 leads to PB10.
spi.deinit()
fails(ValueError, lambda: spi.write(b"x"), "off")
soft = SoftSPI(sck=Pin("PB13"), mosi=Pin("PB15"), miso=Pin("PB10"))
soft.write_readinto(b"by hand", back := bytearray(7))
assert back == b"by hand"
spi.init()
spi.write(b"x")

fails(ValueError, lambda: SPI(5), "1 to 4 or 6")
fails(ValueError, lambda: SPI(1, 1000), "baudrate=1000", "250000 to 32000000")
fails(ValueError, lambda: SPI(1, bits=7), "8 or 16")
fails(ValueError, lambda: SPI(1, polarity=2), "0 or 1")
fails(ValueError, lambda: SPI(1, firstbit=3), "firstbit")
fails(ValueError, lambda: SPI(1, mosi="PA7"), "needs sck")
fails(ValueError, lambda: SPI(1, sck="PA7"), "PA7 is not SCK of SPI1", "PA5")
fails(ValueError, lambda: SPI(6), "no usual pins")
fails(TypeError, lambda: SPI(), "id")
fails(TypeError, lambda: spi.write(5))
fails(ValueError, lambda: spi.write_readinto(b"ab", bytearray(3)), "same length")
spi.init(bits=16)
fails(ValueError, lambda: spi.write(b"abc"), "even")
