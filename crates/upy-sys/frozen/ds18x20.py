# Thermometers on one wire: DS18S20, DS1822, DS18B20 (their data sheets' scratchpads).
from micropython import const

_CONVERT = const(0x44)
_READ = const(0xBE)
_WRITE = const(0x4E)
_DS18S20 = const(0x10)


class DS18X20:
    def __init__(self, onewire):
        self.ow = onewire
        self.buf = bytearray(9)

    def scan(self):
        return [rom for rom in self.ow.scan() if rom[0] in (_DS18S20, 0x22, 0x28)]

    def convert_temp(self):
        # All at once. It takes up to 750 ms.
        self.ow.reset(True)
        self.ow.writebyte(self.ow.SKIP_ROM)
        self.ow.writebyte(_CONVERT)

    def _command(self, rom, command):
        self.ow.reset(True)
        self.ow.select_rom(rom)
        self.ow.writebyte(command)

    def read_scratch(self, rom):
        self._command(rom, _READ)
        self.ow.readinto(self.buf)
        if self.ow.crc8(self.buf):
            raise Exception("CRC error")
        return self.buf

    def write_scratch(self, rom, buf):
        self._command(rom, _WRITE)
        self.ow.write(buf)

    def read_temp(self, rom):
        # In degrees Celsius.
        buf = self.read_scratch(rom)
        steps = buf[0] | buf[1] << 8
        if steps & 0x8000:
            steps -= 0x10000
        if rom[0] != _DS18S20:
            return steps / 16
        # Half degrees; what is left of the count makes it finer.
        if not buf[7]:
            return steps / 2
        return (steps >> 1) - 0.25 + (buf[7] - buf[6]) / buf[7]
