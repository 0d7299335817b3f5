# Displays with an SSD1306 (Solomon Systech SSD1306 Rev 1.1): a frame buffer that show() sends.
import framebuf
from time import sleep_ms


class SSD1306(framebuf.FrameBuffer):
    def __init__(self, width, height, external_vcc):
        self.width = width
        self.height = height
        self.external_vcc = external_vcc
        self.pages = height // 8
        self.buffer = bytearray(self.pages * width)
        super().__init__(self.buffer, width, height, framebuf.MONO_VLSB)
        self.init_display()

    def init_display(self):
        wide_and_low = self.width > 2 * self.height
        # fmt: off
        commands = (
            0xAE,  # off
            0x20, 0,  # addresses run on along a row of bytes
            0x40,  # the first line is on top
            0xA1,  # column 127 is segment 0
            0xA8, self.height - 1,
            0xC8,  # lines from the last to the first
            0xD3, 0,
            0xDA, 0x02 if wide_and_low else 0x12,
            0xD5, 0x80,
            0xD9, 0x22 if self.external_vcc else 0xF1,
            0xDB, 0x30,
            0x81, 0xFF,
            0xA4,  # what stands in its memory
            0xA6,  # a 1 is lit
            0x8D, 0x10 if self.external_vcc else 0x14,
            0xAF,  # on
        )
        # fmt: on
        for command in commands:
            self.write_cmd(command)
        self.fill(0)
        self.show()

    def poweroff(self):
        self.write_cmd(0xAE)

    def poweron(self):
        self.write_cmd(0xAF)

    def contrast(self, contrast):
        self.write_cmd(0x81)
        self.write_cmd(contrast)

    def invert(self, invert):
        self.write_cmd(0xA7 if invert else 0xA6)

    def rotate(self, rotate):
        self.write_cmd(0xC8 if rotate else 0xC0)
        self.write_cmd(0xA1 if rotate else 0xA0)

    def show(self):
        # A narrow one stands in the middle of the 128 columns.
        left = (128 - self.width) // 2
        for command in (0x21, left, left + self.width - 1, 0x22, 0, self.pages - 1):
            self.write_cmd(command)
        self.write_data(self.buffer)


class SSD1306_I2C(SSD1306):
    def __init__(self, width, height, i2c, addr=0x3C, external_vcc=False):
        self.i2c = i2c
        self.addr = addr
        super().__init__(width, height, external_vcc)

    def write_cmd(self, cmd):
        self.i2c.writeto(self.addr, bytes((0x80, cmd)))

    def write_data(self, buf):
        self.i2c.writevto(self.addr, (b"\x40", buf))


class SSD1306_SPI(SSD1306):
    def __init__(self, width, height, spi, dc, res, cs, external_vcc=False):
        self.spi = spi
        self.dc = dc
        self.res = res
        self.cs = cs
        for pin, level in ((dc, 0), (res, 0), (cs, 1)):
            pin.init(pin.OUT, value=level)
        for level in (1, 0, 1):
            res(level)
            sleep_ms(10)
        super().__init__(width, height, external_vcc)

    def _write(self, is_data, buf):
        self.dc(is_data)
        self.cs(0)
        try:
            self.spi.write(buf)
        finally:
            self.cs(1)

    def write_cmd(self, cmd):
        self._write(0, bytes((cmd,)))

    def write_data(self, buf):
        self._write(1, buf)
