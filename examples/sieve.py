# Primes below eight million, one byte for each odd number: the sieve alone is three times the RAM inside the chip.
import micropython
import time

LIMIT = 8_000_000


@micropython.viper
def sieve(composite: ptr8, size: int) -> int:
    """`composite[i]` stands for the odd number 2 * i + 1. Cross out multiples, count what is left."""
    count = 1  # the prime 2
    for i in range(1, size):
        if composite[i] == 0:
            count += 1
            prime = 2 * i + 1
            if prime < 2829:  # the square root of 8,000,000: beyond it every multiple is crossed out already
                multiple = 2 * i * (i + 1)  # the place of prime * prime
                while multiple < size:
                    composite[multiple] = 1
                    multiple += prime
    return count


composite = bytearray(LIMIT // 2)
start_ms = time.ticks_ms()
count = sieve(composite, len(composite))
elapsed_ms = time.ticks_diff(time.ticks_ms(), start_ms)

print("primes below", LIMIT, ":", count)
print("the largest :", 2 * composite.rfind(b"\0") + 1)
print("sieved in", elapsed_ms, "ms")
