# A bus of one wire (Maxim's 1-Wire), on the core's _onewire. The bits are timed there.
import _onewire


class OneWireError(Exception):
    pass


class OneWire:
    SEARCH_ROM = 0xF0
    MATCH_ROM = 0x55
    SKIP_ROM = 0xCC

    def __init__(self, pin):
        self.pin = pin
        pin.init(pin.OPEN_DRAIN, pin.PULL_UP)

    def reset(self, required=False):
        # True if somebody is there.
        present = _onewire.reset(self.pin)
        if required and not present:
            raise OneWireError("nobody answers on the bus")
        return present

    def readbit(self):
        return _onewire.readbit(self.pin)

    def readbyte(self):
        return _onewire.readbyte(self.pin)

    def readinto(self, buf):
        for at in range(len(buf)):
            buf[at] = self.readbyte()

    def writebit(self, value):
        return _onewire.writebit(self.pin, value)

    def writebyte(self, value):
        return _onewire.writebyte(self.pin, value)

    def write(self, buf):
        for byte in buf:
            self.writebyte(byte)

    def select_rom(self, rom):
        self.reset()
        self.writebyte(self.MATCH_ROM)
        self.write(rom)

    def crc8(self, data):
        # 0 if the last byte of it is right.
        return _onewire.crc8(data)

    def scan(self):
        # Each turn takes the way of the last one up to its last fork, and the other way there.
        found, rom, fork = [], bytearray(8), -1
        while self.reset():
            fork = self._search(rom, fork)
            if fork is None or self.crc8(rom):
                break
            found.append(bytearray(rom))
            if fork < 0:
                break
        return found

    def _search(self, rom, last):
        # Fills rom, and returns the last place where a part was left out: -1 if none was, None if all fell silent.
        self.writebyte(self.SEARCH_ROM)
        fork = -1
        for at in range(64):
            mask = 1 << (at & 7)
            bit, complement = self.readbit(), self.readbit()
            if bit and complement:
                return None
            if not bit and not complement:
                bit = 1 if at == last else 0 if at > last else bool(rom[at >> 3] & mask)
                if not bit:
                    fork = at
            self.writebit(bit)
            rom[at >> 3] = rom[at >> 3] | mask if bit else rom[at >> 3] & ~mask
        return fork
