# psram: none
# attach: volts:PC1=0
# attach: volts:PC4=3.3
# attach: volts:PB1=1.65
# attach: 24c256@I2C1
# What users of other boards met, and what is right. The devices are those of the virtual board.
import gc, machine, spiram, time, vfs
from machine import ADC, I2C, PWM, RTC, UART, Pin, Timer


def refused(action, *kinds):
    try:
        action()
    except kinds or (TypeError, ValueError, OverflowError) as error:
        assert str(error), action
        return str(error)
    assert False, "nothing was raised"


# A pin that was never set up has its port's clock: it reads what is there.
for name, level in (("PC1", 0), ("PC4", 1)):
    pin = Pin(name)
    assert pin.value() == level, name
    assert Pin(name, Pin.IN).value() == level, name

# The ends of a converter's range, and a voltage between two others.
assert ADC("PC1").read_u16() <= 64, ADC("PC1").read_u16()
assert ADC("PC4").read_u16() >= 65471, ADC("PC4").read_u16()
assert abs(ADC("PB1").read_u16() - 32768) < 330, ADC("PB1").read_u16()
for what in (-1, 7, 20, 31, 255, 2**40, "PE3", None, 1.5, "PC40"):
    refused(lambda: ADC(what))

# An address is a number, and a multiple of what is read.
for memory, step in ((machine.mem8, 1), (machine.mem16, 2), (machine.mem32, 4)):
    for address in ("x", 1.5, None, (1,), b"abc"):
        refused(lambda: memory[address])
    for odd in range(1, step):
        refused(lambda: memory[0x20014000 + odd])

# The length of an address within a part is 0, 8, 16, 24 or 32 bits.
i2c = I2C(1)
for bits in (7, 40, 2**31 - 1, -8, -1):
    refused(lambda: i2c.readfrom_mem(0x50, 0, 1, addrsize=bits))
for _ in range(200):
    refused(lambda: i2c.writeto(0x23, b"x"), OSError)
assert i2c.scan() == [0x50]
assert len(i2c.readfrom_mem(0x50, 0, 4, addrsize=16)) == 4

# The ends of a duty are flat, and half is half.
pwm = PWM(Pin("PA0"), freq=100_000, duty_u16=0)
pin = Pin("PA0")


def share():
    return sum(machine.mem32[0x58020010] & 1 for _ in range(1000))


assert share() == 0
pwm.duty_u16(65535)
assert share() == 1000
pwm.duty_u16(32768)
assert 400 < share() < 600
pwm.deinit()

# What a timer cannot do it says.
for hz in (0, -5, 1e12, 0.0000001):
    refused(lambda: Timer(2, freq=hz, callback=print))

# One-shots that end in the middle of collections: none is lost, none comes twice.
ended = [0] * 20
timers = [Timer(-1) for _ in ended]
for round in range(1, 21):
    for n, timer in enumerate(timers):

        def done(timer, n=n):
            ended[n] += 1

        timer.init(mode=Timer.ONE_SHOT, period=1 + n % 10, callback=done)
    start = time.ticks_ms()
    while time.ticks_diff(time.ticks_ms(), start) < 15:
        gc.collect()
    assert ended == [round] * 20, (round, ended)

# Each timer that is offered calls.
for id in (1, 2, 3, 4, 5, 6, 8, 13, 14, 15, 16, 17):
    calls = []
    timer = Timer(id, freq=1000, callback=calls.append)
    time.sleep_ms(5)
    timer.deinit()
    assert len(calls) >= 4, id

# A converter that is read in an interrupt, too: a value or an exception, and never stuck.
adc, raised = ADC("PC1"), []


def read(timer):
    try:
        adc.read_u16()
    except Exception as error:
        raised.append(error)


timer = Timer(3, freq=5000, callback=read, hard=True)
assert all(adc.read_u16() <= 64 for _ in range(1000))
timer.deinit()

# A period is so many cycles and not one more.
for cycles in (1000, 65536, 70000):
    hz = 280_000_000 // cycles
    pwm = PWM(Pin("PA0"), freq=hz, duty_u16=32768)
    assert machine.mem32[0x4000002C] + 1 == int(280_000_000 / hz + 0.5), (hz, machine.mem32[0x4000002C])
    pwm.deinit()

# What a block device answers is a number, or nothing.
class Liar:
    def __init__(self, answer):
        self.answer, self.data = answer, bytearray(64 * 512)

    def readblocks(self, n, into, at=0):
        into[:] = self.data[n * 512 + at : n * 512 + at + len(into)]
        return self.answer

    def writeblocks(self, n, data, at=0):
        self.data[n * 512 + at : n * 512 + at + len(data)] = data
        return self.answer

    def ioctl(self, what, argument):
        return {4: 64, 5: 512}.get(what, 0)


for make in (vfs.VfsLfs2, vfs.VfsFat):
    for answer in (7, -5, "ok", 2**40, 1.5):
        refused(lambda: make.mkfs(Liar(answer)), OSError)
    for answer in (0, None):
        make.mkfs(Liar(answer))
for disk, sizes in ((spiram.Flash(), (64, 8192)), (spiram.ExtFlash(), (2048, 4096))):
    assert (disk.ioctl(4, 0), disk.ioctl(5, 0)) == sizes
    for block in (-1, 2**31 - 1, 2**40):
        refused(lambda: disk.ioctl(6, block))
disk.deinit()
spiram.heap(check=True)

# Rates from the slowest to the fastest, within 2 %, or an exception with the limits.
for baud in (50, 75, 300, 10_000_000, 12_000_000):
    said = str(UART(1, baud))
    real = int(said.split("baudrate=")[1].split(",")[0])
    assert abs(real - baud) <= baud // 50, said
assert "can, at the core" in refused(lambda: UART(1, 20_000_000))

# Sub-seconds are no reason to refuse.
rtc = RTC()
rtc.datetime((2026, 2, 28, 0, 23, 59, 59, 999_000))
assert rtc.datetime()[:3] in ((2026, 2, 28), (2026, 3, 1)), rtc.datetime()
time.sleep_ms(20)
assert rtc.datetime()[:7] == (2026, 3, 1, 7, 0, 0, 0), rtc.datetime()
print("ok")
