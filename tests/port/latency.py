# psram: esp-psram64h
# attach: wire:PA9,PA10
# How long from an edge at a pin to the first bytecode of its handler. The edge is that of a wave, and its timer, which begins at
# zero with it, tells the time: a tick is a cycle of the core. `cargo xtask bench latency` runs it with more edges.
import array, gc, machine, spiram, time
from machine import PWM, UART, Pin, Timer

EDGES = 300
# Edges come at these rates, so that they meet a load at all of its moments.
RATES = (2503, 3001, 3499)
TIM2_CNT = 0x40000024
# Latencies are counted in steps of 28 cycles, a tenth of a microsecond; the last step is for all that are longer.
STEP = 28
mem32 = machine.mem32
seen = array.array("I", [0] * 2048)
n = until = worst = 0


def hard(pin):
    global n, worst
    cycles = mem32[TIM2_CNT]
    if n < until:
        n += 1
        seen[min(cycles // STEP, 2047)] += 1
        if cycles > worst:
            worst = cycles


def measure(name, is_hard, load):
    global n, until, worst
    n = until = worst = 0
    for i in range(len(seen)):
        seen[i] = 0
    for i, hz in enumerate(RATES):
        until = EDGES * (i + 1) // len(RATES)
        pwm.freq(hz)
        pin.irq(hard, Pin.IRQ_RISING, hard=is_hard)
        while n < until:
            load()
        pin.irq(None)
    middle = step = 0
    while middle <= EDGES // 2:
        middle += seen[step]
        step += 1
    assert sum(seen) == EDGES
    print("%-20s median %6.1f us, worst %6.1f us of %d" % (name, (step - 1) * STEP / 280, worst / 280, EDGES))
    return worst / 280


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


def much():
    # A loop of a serial port, five timers, and what they allocate.
    serial.write(serial.read() or bytes(200))
    allocate()


pin = Pin("PA0")
pwm = PWM(pin, freq=RATES[0], duty_u16=1000)
disk = spiram.Flash()
keep = [bytes(100) for _ in range(5000 if gc.mem_free() > 2_000_000 else 2500)]
assert measure("hard, asleep", True, idle) < 20
assert measure("hard, at work", True, work) < 20
assert measure("soft, at work", False, work) < 200
# The collector goes on below a handler, and looks again at what it stored (`watch` in crates/h7a3).
assert measure("hard, allocating", True, allocate) < 60
assert measure("hard, collecting", True, collect) < 60
assert measure("hard, erasing", True, erase) < 60
serial = UART(1, 921600, rxbuf=512, txbuf=512)
timers = [Timer(-1, freq=200 + i, callback=lambda timer: str(timer)) for i in range(5)]
assert measure("hard, much going on", True, much) < 80
for timer in timers:
    timer.deinit()
pwm.deinit()
print("ok")
