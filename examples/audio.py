# A whole minute of 16-bit audio (5.3 MB) in one array, in RAM: record it, then find its pitch by autocorrelation.
import array
import math
import micropython

RATE_HZ = 44_100
SECONDS = 60
PITCH_HZ = 441

PERIOD = RATE_HZ // PITCH_HZ
wave = array.array("h", (int(12_000 * math.sin(2 * math.pi * i / PERIOD)) for i in range(PERIOD)))
samples = bytearray(2 * RATE_HZ * SECONDS)  # two bytes a sample
count = RATE_HZ * SECONDS


@micropython.viper
def record(out: ptr16, n: int, wave: ptr16, period: int):
    """Play the wave into `out`, with a little deterministic noise on top."""
    seed = 12345
    phase = 0
    for i in range(n):
        seed = (seed * 75) & 0xFFFF
        out[i] = wave[phase] + (seed & 255)
        phase += 1
        if phase == period:
            phase = 0


@micropython.viper
def difference(samples: ptr16, start: int, window: int, lag: int) -> int:
    """Sum of |x(t) - x(t + lag)|: smallest where the lag is a whole period."""
    total = 0
    for i in range(start, start + window):
        a = samples[i]
        b = samples[i + lag]
        if a & 0x8000:
            a -= 0x10000
        if b & 0x8000:
            b -= 0x10000
        d = a - b
        total += d if d > 0 else 0 - d
    return total


record(samples, count, wave, PERIOD)
middle = count // 2
lag = min(range(40, 160), key=lambda lag: difference(samples, middle, 1024, lag))
print("recorded", count, "samples,", len(samples) // 1024, "KB")
print("pitch   ", RATE_HZ / lag, "Hz")
