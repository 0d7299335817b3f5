# psram: none
# Interrupts that are held back: time goes on, pauses end, and what was before comes back.
import machine, time

# Time, measured twice: by the clock, and by the cycle counter, which nobody can hold back.
def measured(work):
    us, cycles = time.ticks_us(), time.ticks_cpu()
    work()
    us, cycles = time.ticks_diff(time.ticks_us(), us), (time.ticks_cpu() - cycles) & 0xFFFFFFFF
    return us, cycles * 1_000_000 // machine.freq()


def busy():
    for i in range(200_000):
        pass


state = machine.disable_irq()
assert state is True, state
assert machine.disable_irq() is False
for work in (busy, lambda: time.sleep_ms(300), lambda: time.sleep_us(90_000), lambda: time.sleep(0.2)):
    us, by_cycles = measured(work)
    assert us > 80_000 and abs(us - by_cycles) < 200, (us, by_cycles)
machine.enable_irq(False)
assert machine.disable_irq() is False, "enable_irq(False) keeps them held"
machine.enable_irq(state)
assert machine.disable_irq() is True
machine.enable_irq()

# Short pauses are exact, long ones as exact.
for us in [20, 500, 1999, 30_000] + list(range(2001, 2040)):
    took, _ = measured(lambda: time.sleep_us(us))
    assert us <= took < us + 60, (us, took)
print("ok")
