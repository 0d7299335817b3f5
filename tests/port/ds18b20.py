# psram: none
# attach: ds18b20:DQ=PC1
# A thermometer on one wire, by the core's _onewire: reset, ROM, search, conversion.
import _onewire as ow
import time
from machine import Pin

pin = Pin("PC1", Pin.OPEN_DRAIN, value=1)


def command(*bytes):
    assert ow.reset(pin), "present"
    for byte in bytes:
        ow.writebyte(pin, byte)


def read(n):
    got = bytes(ow.readbyte(pin) for _ in range(n))
    assert ow.crc8(got) == 0, got
    return got


command(0x33)
rom = read(8)
assert rom[0] == 0x28, rom

# The search of a bus with one part: each bit, its complement, and the way that is taken.
command(0xF0)
found = 0
for n in range(64):
    bit, complement = ow.readbit(pin), ow.readbit(pin)
    assert bit != complement, n
    found |= bit << n
    ow.writebit(pin, bit)
assert found == int.from_bytes(rom, "little")

command(0xCC, 0xBE)
assert read(9)[:2] == (85 * 16).to_bytes(2, "little"), "as after power-up"

command(0x55, *rom)
ow.writebyte(pin, 0x44)
assert ow.readbit(pin) == 0, "it converts"
start = time.ticks_ms()
while not ow.readbit(pin):
    pass
assert 700 < time.ticks_diff(time.ticks_ms(), start) < 760
command(0xCC, 0xBE)
got = read(9)
assert (got[0] | got[1] << 8) / 16 == 23.5625

# Another address is not this one's, and nobody answers: ones.
command(0x55, *rom[:7], rom[7] ^ 1)
ow.writebyte(pin, 0xBE)
assert ow.readbyte(pin) == 0xFF
# Its limits are written and read back.
command(0xCC, 0x4E, 1, 2, 0x7F)
command(0xCC, 0xBE)
assert read(9)[2:5] == b"\x01\x02\x7f"
