# psram: esp-psram64h
# How long from an edge at a pin to the first bytecode of its handler. The edge is that of a wave, and its timer, which begins at
# zero with it, tells the time: a tick is a cycle of the core.
import array, gc, machine, time
from machine import PWM, Pin

EDGES = 300
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


def measure(name, is_hard, load, edges=EDGES, hz=997):
    global n
    pwm.freq(hz)
    pin.irq(hard, Pin.IRQ_RISING, hard=is_hard)
    n = EDGES - edges
    while n < EDGES:
        load()
    pin.irq(None)
    us = sorted(cycles / 280 for cycles in late[EDGES - edges :])
    print("%-20s median %8.1f us, worst %8.1f us of %d" % (name, us[edges // 2], us[-1], edges))
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


pin = Pin("PA0")
pwm = PWM(pin, freq=997, duty_u16=1000)
keep = [bytes(100) for _ in range(5000)]
assert measure("hard, asleep", True, idle) < 20
assert measure("hard, at work", True, work) < 20
assert measure("soft, at work", False, work) < 200
# A collection holds a hard handler back to its end. The wave is so slow that its timer does not begin anew meanwhile.
assert measure("hard, allocating", True, allocate, 40, 7) < 140_000
assert measure("hard, collecting", True, collect, 40, 7) < 140_000
pwm.deinit()
print("ok")
