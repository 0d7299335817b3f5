# psram: none
# attach: wire:PA9,PA10
# What comes between a look at it and the sleep that follows ends that sleep: edges and bytes, at each moment of a wait.
import asyncio, machine, select, sys, time
from machine import PWM, UART, Pin

HZ = 2500
PERIOD = 280_000_000 // HZ
TIM2_CNT = 0x40000024
mem32 = machine.mem32
flag, pin, edges = asyncio.ThreadSafeFlag(), Pin("PA0"), 0


def hard(pin):
    global edges
    edges += 1
    flag.set()


async def waits():
    late = []
    for step in range(2000):
        # The wait begins this long before an edge.
        before, begin = edges, PERIOD - 30_000 + 15 * step
        flag.clear()
        while mem32[TIM2_CNT] < begin and edges == before:
            pass
        if edges == before:
            await flag.wait()
            if edges != before + 1:
                late.append(step)
    assert not late, late


pwm = PWM(pin, freq=HZ, duty_u16=1000)
pin.irq(hard, Pin.IRQ_RISING, hard=True)
asyncio.run(waits())
pin.irq(None)
pwm.deinit()

# A byte ends a wait at once, although it has no end of its own; so does an exception, and nothing that is written is waited for.
port = UART(1, 115200)
poll = select.poll()
poll.register(port, select.POLLIN)
for n in range(50):
    port.write(b"!")
    time.sleep_us(3 * n)
    start = time.ticks_us()
    assert poll.poll(1000) and time.ticks_diff(time.ticks_us(), start) < 300, n
    assert port.read() == b"!"


# A program of tasks: a port, a pin and a file, none of which holds up the others.
async def main():
    done = []

    async def hears():
        reader = asyncio.StreamReader(port)
        for line in (b"one\n", b"two\n"):
            assert await reader.readline() == line
            done.append(("line", time.ticks_ms()))

    async def counts():
        for _ in range(3):
            await flag.wait()
            done.append(("edge", time.ticks_ms()))

    async def writes():
        # A file never makes anybody wait for an event: it is read and written as everywhere.
        with open("waits.txt", "wb") as file:
            for _ in range(20):
                file.write(b"some words\n")
                await asyncio.sleep_ms(0)
        with open("waits.txt", "rb") as file:
            assert file.read() == b"some words\n" * 20
        done.append(("file", time.ticks_ms()))

    tasks = [asyncio.create_task(task()) for task in (hears, counts, writes)]
    out = asyncio.StreamWriter(port)
    start = time.ticks_ms()
    for line in (b"one\n", b"two\n"):
        out.write(line)
        await out.drain()
        await asyncio.sleep_ms(20)
    wave = PWM(pin, freq=100, duty_u16=1000)
    pin.irq(hard, Pin.IRQ_RISING, hard=True)
    await asyncio.gather(*tasks)
    pin.irq(None)
    wave.deinit()
    assert sorted(name for name, _ in done) == ["edge"] * 3 + ["file"] + ["line"] * 2, done


asyncio.run(main())
import os

os.remove("waits.txt")
print("ok")
