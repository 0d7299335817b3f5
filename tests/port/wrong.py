# psram: none
# sd: 1M
# What hardware refuses, and in which words. Serial ports say theirs in uart.py, a socket without a card in no_sdcard.py.
import os, spiram, vfs
from machine import *


def refused(kind, words, f, *a, **k):
    try:
        f(*a, **k)
    except kind as e:
        assert words in str(e), (words, str(e))
    else:
        assert False, (words, f, a, k)


# Names, modes and pins that belong to somebody.
for what in ("PC40", "XX", "", "PF1", "PI1"):
    refused(ValueError, "no such pin", Pin, what)
for what in (b"PA0", None, 1.5, -1, 10**30, object()):
    refused(TypeError, "a pin's name is a string", Pin, what)
for mode in (99, -2):
    refused(ValueError, "mode is Pin.IN", Pin, "PC0", mode)
refused(TypeError, "'mode' must be an int", Pin, "PC0", "IN")
refused(ValueError, "pull is", Pin, "PC0", Pin.IN, 77)
refused(ValueError, "alt=99 selects nothing on PC0", Pin, "PC0", Pin.ALT, alt=99)
refused(ValueError, "needs alt", Pin, "PC0", Pin.ALT)
refused(ValueError, "drive is", Pin, "PC0", Pin.OUT, drive=9)
refused(ValueError, "clock of the memory chip", Pin, "PB2", Pin.OUT)
refused(ValueError, "chip select of the memory chip", Pin, "PB6")
refused(ValueError, "TX of the console", Pin, "PA2")
refused(ValueError, "PA11 is taken", Pin, "PA11")

# What is in use.
disk = spiram.ExtFlash()
for name in ("PB3", "PB4", "PD7", "PD6"):
    refused(ValueError, name + " is the second flash's: vfs.umount", Pin, name, Pin.OUT)
refused(ValueError, "SPI1 is the second flash's", SPI, 1)
disk.deinit()
Pin("PB3")
Pin("PA5").irq(print)
refused(ValueError, "in use by PA5: pins of one number share a line", Pin("PB5").irq, print)
Pin("PA5").irq(None)
wave = PWM(Pin("PA0"), freq=100)
refused(ValueError, "in use by a PWM", Timer, 2, freq=10, callback=print)
wave.deinit()

# Handlers.
pin, port, clock = Pin("PC0"), UART(1), RTC()
for handler in (5, "print", (1,)):
    refused(ValueError, "must be callable", pin.irq, handler)
    refused(ValueError, "must be callable", port.irq, handler)
    refused(ValueError, "must be callable", Timer, -1, freq=10, callback=handler)
    refused(ValueError, "must be callable", clock.irq, handler=handler)
    refused(ValueError, "must be callable", clock.wakeup, 1000, handler)
refused(ValueError, "no interrupts by level", pin.irq, print, 4)

# What cannot be made.
for hz in (0, 1, 33_000_000, 400_000_000):
    refused(ValueError, "Hz cannot be made; what can be, in MHz: 64", freq, hz)
for hz in (-1, 2**40):
    refused(ValueError, "must be an int from 0", freq, hz)
for hz in (0, 10, 5_000_000):
    refused(ValueError, "cannot be made: 20000 to 1000000", I2C, 1, freq=hz)
for hz in (0, 10):
    refused(ValueError, "SoftSPI is slower", SPI, 2, baudrate=hz)
for hz in (0, 200_000_000):
    refused(ValueError, "cannot be made: 1 to 140000000", PWM, Pin("PA0"), freq=hz)
for duty in (-1, 65536):
    refused(ValueError, "duty_u16 is 0 to 65535", PWM, Pin("PA0"), freq=100, duty_u16=duty)
for ms in (0, 10**9):
    refused(ValueError, "timeout is 1 to 32768 ms", WDT, timeout=ms)
refused(ValueError, "time_ms is 1 to", lightsleep, 0)
for id in (-2, 7, 12, 99):
    refused(ValueError, "there is no Timer(%d)" % id, Timer, id, freq=10, callback=print)
for hz in (140_000_000, 200_000):
    refused(ValueError, "leaves no time for the program: 10", Timer, 4, freq=hz, callback=print)
refused(ValueError, "not both", Timer, 2, freq=10, period=5, callback=print)
for when in ((2026, 13, 1, 0, 0, 0, 0, 0), (2026, 2, 30, 0, 0, 0, 0, 0), (1999, 1, 1, 0, 0, 0, 0, 0)):
    refused(ValueError, "is no time of 2000 to 2099", clock.datetime, when)
refused(ValueError, "124 bytes, not 1000", clock.memory, bytes(1000))
refused(ValueError, "no analog input", ADC, "PE3")
refused(ValueError, "PA0 is no input for phase_a", Encoder, 3, "PA0", "PC7")
refused(ValueError, "encoding is 0", bitstream, pin, 1, (1, 2, 3, 4), b"x")
refused(ValueError, "too long", bitstream, pin, 0, (1, 2, 3, 2_000_000), b"x")
refused(ValueError, "5 bytes", dht_readinto, pin, bytearray(2))

# Buffers.
bus, wire, card, flash = SPI(2), I2C(1), SDCard(), spiram.Flash()
for wrong in (5, None, [1, 2]):
    for f in (bus.write, bus.readinto, port.write, port.readinto):
        refused(TypeError, "buffer protocol", f, wrong)
    for f in (wire.writeto, wire.readfrom_into):
        refused(TypeError, "buffer protocol", f, 0x50, wrong)
    for f in (card.writeblocks, card.readblocks, flash.writeblocks, flash.readblocks):
        refused(TypeError, "buffer", f, 0, wrong)
for f in (bus.readinto, port.readinto):
    refused(TypeError, "buffer protocol", f, b"cannot be written")
refused(TypeError, "can be written", card.readblocks, 0, bytes(512))
refused(ValueError, "same length", bus.write_readinto, bytes(3), bytearray(4))
refused(ValueError, "whole blocks of 512", card.writeblocks, 0, bytes(100))
refused(ValueError, "outside the card", card.readblocks, 2**31 - 1, bytearray(512))
refused(ValueError, "words of 16 bytes", flash.writeblocks, 0, bytes(4))

# A card in use has its pins to itself, and a memory that is gone is no disk.
for name in ("PC8", "PC9", "PC10", "PC11", "PC12", "PD2"):
    refused(ValueError, name + " is the SD card's: vfs.umount", Pin, name, Pin.OUT)
refused(ValueError, "PC10 is the SD card's", SPI, 3, sck="PC10", mosi="PC12", miso="PC11")
refused(ValueError, "is the SD card's", PWM, "PC8")
card.deinit()
for name in ("PC8", "PC9", "PC10", "PC11", "PC12", "PD2"):
    Pin(name)
card.ioctl(1, 0)

# A full volume, of each kind: ENOSPC, and what stood there before stays.
vfs.VfsFat.mkfs(card)
vfs.mount(vfs.VfsFat(card), "/sd")
for path in ("/flash", "/sd"):
    with open(path + "/kept", "w") as f:
        f.write("kept")
    try:
        with open(path + "/fill", "wb") as f:
            while True:
                f.write(b"\xff" * 8192)
    except OSError as e:
        assert e.errno == 28, (path, e)
    os.remove(path + "/fill")
    assert open(path + "/kept").read() == "kept"
print("ok")
