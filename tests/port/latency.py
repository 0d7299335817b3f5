# psram: esp-psram64h
# How long from an edge at a pin to the first bytecode of its handler. The edge is that of a wave, and its timer, which begins at
# zero with it, tells the time: a tick is a cycle of the core.
import array, gc, machine, spiram, time
from machine import PWM, Pin

EDGES = 300
HZ = 3001
TIM2_CNT = 0x40000024
mem32 = machine.mem32
late = array.array("i", [0] * EDGES)
n = 0


def hard(pin):
    global n
    cycles = mem32[TIM2_CNT]
    if n < EDGES:
        late[n] = cycles
        n += 1


def measure(name, is_hard, load):
    global n
    n = 0
    pin.irq(hard, Pin.IRQ_RISING, hard=is_hard)
    while n < EDGES:
        load()
    pin.irq(None)
    us = sorted(cycles / 280 for cycles in late)
    print("%-20s median %6.1f us, worst %6.1f us of %d" % (name, us[EDGES // 2], us[-1], EDGES))
    return us[-1]


def idle():
    time.sleep_ms(5)


def work():
    for i in range(500):
        i * i


def allocate():
    [bytearray(100) for _ in range(200)]


def collect():
    gc.collect()


def erase():
    disk.ioctl(6, disk.ioctl(4, 0) - 1)


pin = Pin("PA0")
pwm = PWM(pin, freq=HZ, duty_u16=1000)
disk = spiram.Flash()
keep = [bytes(100) for _ in range(5000)]
assert measure("hard, asleep", True, idle) < 20
assert measure("hard, at work", True, work) < 20
assert measure("soft, at work", False, work) < 200
# The collector goes on below a handler, and looks again at what it stored (`watch` in crates/h7a3).
assert measure("hard, allocating", True, allocate) < 60
assert measure("hard, collecting", True, collect) < 60
assert measure("hard, erasing", True, erase) < 60
pwm.deinit()
print("ok")
