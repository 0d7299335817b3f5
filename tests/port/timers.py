# psram: esp-psram64h
# Timers that call, and waves at pins. What a wave looks like is measured on its own pin.
import gc, machine, micropython, time
from machine import PWM, Pin, Timer


def raises(kind, words, call):
    try:
        call()
        assert False, words
    except kind as error:
        assert words in str(error), error


def ms():
    return time.ticks_us() / 1000


# Each kind calls with itself, at its period, from then on; and after deinit never.
for id in (-1, 1, 2, 3, 4, 5, 6, 8, 13, 14, 15, 16, 17):
    seen = []
    timer = Timer(id)
    assert repr(timer) == "Timer(%d, off)" % id
    start = ms()
    timer.init(period=10, callback=lambda t: seen.append((t is timer, ms() - start)))
    assert repr(timer) == "Timer(%d)" % id
    time.sleep_ms(35)
    timer.deinit()
    time.sleep_ms(20)
    assert len(seen) == 3 and all(same for same, _ in seen), (id, seen)
    assert all(abs(at - 10 * n) < 0.3 for n, (_, at) in enumerate(seen, 1)), (id, seen)
    # Once; and begun anew before it came.
    del seen[:]
    start = ms()
    timer.init(mode=Timer.ONE_SHOT, period=30, callback=lambda t: seen.append(0))
    timer.init(mode=Timer.ONE_SHOT, freq=200, callback=lambda t: seen.append((1, ms() - start)))
    time.sleep_ms(50)
    assert len(seen) == 1 and seen[0][0] == 1 and 4.9 < seen[0][1] < 5.5, (id, seen)
    timer.deinit()
    # Hard: also while the heap is locked.
    count = 0

    def hard(t):
        global count
        count += 1

    timer.init(freq=1000, callback=hard, hard=True)
    micropython.heap_lock()
    time.sleep_ms(10)
    micropython.heap_unlock()
    timer.deinit()
    assert 9 <= count <= 11, (id, count)

# A callback that raises, hard: told on the console, and gone. One that allocates, soft: no matter.
timer = Timer(2, freq=1000, callback=lambda t: bytearray(1000), hard=True)
time.sleep_ms(5)
timer.deinit()
blocks = []
timer = Timer(freq=1000, callback=lambda t: blocks.append(bytearray(100)))
time.sleep_ms(20)
timer.deinit()
assert 18 <= len(blocks) <= 21, len(blocks)

# Many at once, and one too many; each is free again after its only call.
calls = []
timers = [Timer(period=10 + n, mode=Timer.ONE_SHOT, callback=lambda t: calls.append(t)) for n in range(32)]
raises(RuntimeError, "32 Timers run already", lambda: Timer(period=1, callback=print))
time.sleep_ms(60)
assert len(calls) == 32 and set(calls) == set(timers)
timers = [Timer(period=1000) for _ in range(32)]
for t in timers:
    t.deinit()
# A timer that is done leaves the one that has its place alone.
old = Timer(period=1, mode=Timer.ONE_SHOT)
time.sleep_ms(2)
new = Timer(period=5, callback=lambda t: calls.append(0))
old.deinit()
time.sleep_ms(7)
assert calls[-1] == 0
new.deinit()

# One-shots during collections: none lost, none twice.
done = bytearray(200)
started = 0


def note(t):
    done[names[t]] += 1


names = {}
junk = []
for n in range(200):
    t = Timer(-1)
    names[t] = n
    t.init(mode=Timer.ONE_SHOT, period=1 + n % 10, callback=note)
    junk.append([bytearray(64) for _ in range(20)])
    if n % 10 == 9:
        junk.clear()
        gc.collect()
        time.sleep_ms(15)
assert all(times == 1 for times in done), bytes(done)

raises(ValueError, "no Timer(7)", lambda: Timer(7))
raises(ValueError, "no Timer(9)", lambda: Timer(9))
raises(ValueError, "no Timer(-2)", lambda: Timer(-2))
raises(ValueError, "freq, in Hz, or period", lambda: Timer(2, callback=print))
raises(ValueError, "freq, in Hz, or period", lambda: Timer(2, freq=1, period=1))
raises(ValueError, "more than 0 ms", lambda: Timer(-1, period=0))
raises(ValueError, "more than 0 Hz", lambda: Timer(-1, freq=-5))
raises(ValueError, "0.02 ms", lambda: Timer(-1, freq=100_000))
raises(ValueError, "cannot do this period", lambda: Timer(3, period=16_000))
raises(ValueError, "mode is", lambda: Timer(3, period=1, mode=7))
Timer(2, period=100_000).deinit()


# Waves. Their edges are seen on the pin itself.
def measure(pin):
    "Widths of low and high, in us, of a whole period."
    assert machine.time_pulse_us(pin, 1, 100_000) >= 0
    return machine.time_pulse_us(pin, 0, 100_000), machine.time_pulse_us(pin, 1, 100_000)


pin = Pin("PA0")
pwm = PWM(pin, freq=500, duty_u16=16384)
assert repr(pwm) == "PWM(Pin('PA0'), TIM2_CH1, freq=500, duty_u16=16384)", pwm
assert (pwm.freq(), pwm.duty_u16(), pwm.duty_ns()) == (500, 16384, 500_007)
low, high = measure(pin)
assert abs(low - 1500) < 6 and abs(high - 500) < 6, (low, high)
# The ratio stays when the frequency changes; a width in time does, too.
pwm.freq(1000)
time.sleep_ms(3)
low, high = measure(pin)
assert abs(low - 750) < 6 and abs(high - 250) < 6, (low, high)
pwm.duty_ns(100_000)
time.sleep_ms(3)
assert pwm.duty_ns() == 100_000
pwm.freq(2000)
time.sleep_ms(3)
low, high = measure(pin)
assert abs(low - 400) < 6 and abs(high - 100) < 6, (low, high)
# Flat low, flat high, halves that are equal; and the other way round.
for duty, level in ((0, 0), (65535, 1)):
    pwm.duty_u16(duty)
    time.sleep_ms(2)
    assert all(pin() == level for _ in range(2000)), duty
pwm.init(freq=5000, duty_u16=32768)
time.sleep_ms(1)
assert abs(pwm.duty_ns() - 100_000) < 5, pwm.duty_ns()
pwm.init(duty_u16=65535, invert=True)
time.sleep_ms(1)
assert all(pin() == 0 for _ in range(1000)) and pwm.freq() == 5000
pwm.deinit()
assert pin.mode() == Pin.IN and repr(pwm) == "PWM(Pin('PA0'), TIM2_CH1, off)", pwm
raises(ValueError, "is off", pwm.freq)

# Five rates, and the extremes of the duty.
pwm = PWM("PA0", freq=1)
for freq in (1, 50, 1000, 38_000, 1_000_000):
    pwm.freq(freq)
    assert abs(pwm.freq() - freq) <= freq / 7000, pwm.freq()
    for duty in (0, 1, 32768, 65534, 65535):
        pwm.duty_u16(duty)
        assert pwm.duty_u16() == duty
        assert abs(pwm.duty_ns() - 1e9 / freq * duty / 65535) <= max(8, 1e9 / freq / 60000), (freq, duty)
pwm.deinit()

# Pins of one timer have one frequency: TIM3 of PB4 and PB5, of which each has another one or not.
pins = [name for name in ("PC6", "PC7", "PC8", "PC9", "PD14", "PE9") if name]
waves = []
for name in ("PE9", "PE11", "PE13", "PE14"):
    waves.append(PWM(name, freq=20_000, duty_u16=10_000))
assert all("TIM1_CH%d" % n in repr(wave) for n, wave in enumerate(waves, 1)), waves
waves[0].freq(10_000)
assert waves[3].freq() == 10_000 and waves[3].duty_u16() == 10_000
other = PWM("PE8", freq=10_000, duty_u16=20_000)
assert "TIM1_CH1N" in repr(other), other
raises(ValueError, "in use with another frequency", lambda: PWM("PE10", freq=1234))
raises(ValueError, "Timer(1) is in use by a PWM", lambda: Timer(1, period=1))
for wave in waves:
    wave.deinit()
assert other.freq() == 10_000
other.deinit()
timer = Timer(1, period=1000)
raises(ValueError, "in use", lambda: PWM("PE9", freq=1234))
timer.deinit()

raises(ValueError, "no channel of a timer", lambda: PWM("PE0"))
raises(ValueError, "is taken", lambda: PWM("PB6"))
raises(ValueError, "cannot be made", lambda: PWM("PA0", freq=0))
raises(ValueError, "cannot be made", lambda: PWM("PA0", freq=200_000_000))
raises(ValueError, "0 to 65535", lambda: PWM("PA0", duty_u16=65536))
raises(ValueError, "longer than the period", lambda: PWM("PA0", freq=1000, duty_ns=1_000_002))
raises(ValueError, "not both", lambda: PWM("PA0", duty_ns=1, duty_u16=1))
Timer(2, period=1).deinit()
print("ok")
