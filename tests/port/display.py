# psram: esp-psram64h
# display: st7735r-160x80
# A display on the board's connector: what its memory holds is read back, pictures go out while Python computes.
import display
import gc
import image
import lcd
import time
from machine import SPI


def fails(kind, call, *words):
    try:
        call()
    except kind as error:
        assert all(word in str(error) for word in words), error
        return
    raise AssertionError("no " + kind.__name__)


screen = display.SPIDisplay(160, 80, controller=display.ST7735R)
assert str(screen) == "SPIDisplay(160, 80, controller=ST7735R, baudrate=8000000)", screen
assert (screen.width(), screen.height(), screen.refresh(), screen.backlight()) == (160, 80, 39, 255)


def window(left, top, right, bottom):
    screen.bus_write(0x2A, bytes((0, left, 0, right)))
    screen.bus_write(0x2B, bytes((0, top, 0, bottom)))


def dot(x, y):
    """What the display's memory holds there, six bits a colour."""
    window(1 + x, 26 + y, 1 + x, 26 + y)
    got = screen.bus_read(0x2E, 4)[1:]
    window(1, 26, 160, 105)
    return tuple(value >> 2 for value in got)


assert dot(0, 0) == (0, 0, 0), "black at first, not noise"
assert screen.bus_read(0x0A, 1) == b"\x9c", "awake, on"

# Any format, scaled, clipped, blended; what an image does not cover is black.
red = image.Image(160, 80, image.RGB565)
red.draw_rectangle(0, 0, 160, 80, color=(255, 0, 0), fill=True)
screen.write(red)
assert dot(0, 0) == dot(159, 79) == (63, 0, 0)
grey = image.Image(8, 8, image.GRAYSCALE)
grey.draw_rectangle(0, 0, 8, 8, color=255, fill=True)
screen.write(grey, -4, -4)
assert dot(3, 3) == (63, 63, 63) and dot(4, 4) == (0, 0, 0)
screen.write(grey, 159, 79)
assert dot(159, 79) == (63, 63, 63) and dot(158, 79) == (0, 0, 0)
for place in ((30000, 0), (-30000, -30000), (160, 80)):
    screen.write(grey, *place)
    assert dot(0, 0) == dot(159, 79) == (0, 0, 0)
screen.write(grey, x_scale=20, y_scale=10)
assert dot(0, 0) == dot(159, 79) == (63, 63, 63)
screen.write(red, roi=(0, 0, 10, 10), alpha=128)
assert 30 <= dot(5, 5)[0] <= 33 and dot(10, 10) == (0, 0, 0)
bits = image.Image(8, 8, image.BINARY)
bits.set_pixel(1, 0, 1)
screen.write(bits)
assert dot(1, 0) == (63, 63, 63) and dot(0, 0) == (0, 0, 0)
half = image.Image(2, 1, image.RGB565)
half.set_pixel(0, 0, (0, 255, 0))
screen.write(half, x_scale=-1)
assert dot(0, 0) == (0, 0, 0) and dot(1, 0) == (0, 63, 0)
screen.write(red.to_jpeg(quality=90, copy=True))
assert dot(5, 5)[0] >= 60

# A picture goes out while Python computes: 160 x 80 dots take 25.6 ms.
PICTURE_US = 160 * 80 * 16 // 8


def compute():
    start = time.ticks_us()
    total = 0
    for n in range(3000):
        total += n * n
    return time.ticks_diff(time.ticks_us(), start)


alone = compute()
assert alone > 5_000, alone
screen.bus_write(0)
screen.write(red)
start = time.ticks_us()
beside = compute()
screen.bus_write(0)
took = time.ticks_diff(time.ticks_us(), start)
assert beside < alone * 11 // 10 + 500, (alone, beside)
assert took < PICTURE_US * 11 // 10 + max(0, beside - PICTURE_US), (took, beside)

# One after the other, as fast as it goes: the last one is shown.
screen = display.SPIDisplay(160, 80, controller=display.ST7735R, triple_buffer=True)
start = time.ticks_us()
for n in range(10):
    grey.draw_rectangle(0, 0, 8, 8, color=24 * n, fill=True)
    screen.write(grey, x_scale=20, y_scale=10)
screen.bus_write(0)
assert dot(0, 0) == dot(159, 79) == (55, 54, 55), "216 of 255, in 5 and 6 bits"

# The object of before has lost the wires, and so has SPI2.
old = screen
screen = display.SPIDisplay(160, 80, controller=display.ST7735R, refresh=5)
assert screen.refresh() == 9, screen.refresh()
fails(ValueError, lambda: old.write(red), "closed")
fails(ValueError, lambda: SPI(2), "SPI2 is the display's")
screen.deinit()
screen.deinit()
fails(ValueError, screen.clear, "closed")
SPI(2).deinit()
del old
gc.collect()

# A controller of one's own, and a light of one's own.
class Own:
    level = None

    def init(self, screen):
        screen.bus_write(0x01)
        time.sleep_ms(120)
        screen.bus_write(0x11)
        time.sleep_ms(120)
        screen.bus_write(0x3A, 0x55)
        screen.bus_write(0x36, 0x68)
        screen.bus_write(0x29)

    def backlight(self, value):
        self.level = value


own = Own()
screen = display.SPIDisplay(162, 132, controller=own, backlight=own)
assert own.level == 255 and "own" in str(screen)
screen.backlight(7)
assert own.level == 7 and screen.backlight() == 7
screen.write(red)
assert dot(-1, -26) == dot(158, 53) == (63, 0, 0) and dot(159, 53) == (0, 0, 0)

# By functions.
fails(ValueError, lambda: lcd.display(red), "lcd.init()")
lcd.init(type=2, width=80, height=160, controller=display.ST7735R)
lcd.display(red)
assert (lcd.type(), lcd.width(), lcd.get_backlight()) == (1, 80, 255)
lcd.deinit()
assert lcd.type() == 0

Display = display.SPIDisplay
fails(ValueError, Display, "carries no panel", "controller=")
fails(ValueError, lambda: Display(240, 320, controller=9), "ST7735R")
fails(ValueError, lambda: Display(controller=display.ST7789), "width and height")
fails(ValueError, lambda: Display(100, 100, controller=display.ST7789), "100x100", "240x240", "240x320")
fails(ValueError, lambda: Display(240, 320, controller=display.ST7789, refresh=60), "refresh=60", "at most 26")
fails(ValueError, lambda: Display(0, 10, controller=own), "width and height")
fails(AttributeError, lambda: Display(10, 10, controller=object()), "init")
screen = Display(160, 80, controller=display.ST7735R)
fails(TypeError, lambda: screen.write(), "image")
fails(TypeError, lambda: screen.write(5), "image")
fails(TypeError, lambda: screen.write(None), "image")
fails(OSError, lambda: screen.write("/no/such.bmp"))
fails(ValueError, lambda: screen.write(red, x_scale=0), "scale")
fails(ValueError, lambda: screen.write(red, roi=(160, 0, 5, 5)))
fails(ValueError, lambda: screen.backlight(256), "255")
fails(ValueError, lambda: screen.bus_write(256), "255")
fails(ValueError, lambda: lcd.init(type=3), "type is 0")
