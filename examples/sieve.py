# Primes below eight million, one byte a number: the sieve alone is larger than all the RAM inside the chip.
import micropython
import time

LIMIT = 8_000_000


@micropython.viper
def sieve(flags: ptr8, limit: int) -> int:
    """Cross out multiples in `flags` (0 = prime so far) and count what is left."""
    count = 0
    n = 2
    while n < limit:
        if flags[n] == 0:
            count += 1
            if n < 2829:  # the square root of 8,000,000: beyond it every multiple is crossed out already
                multiple = n * n
                while multiple < limit:
                    flags[multiple] = 1
                    multiple += n
        n += 1
    return count


flags = bytearray(LIMIT)
start_ms = time.ticks_ms()
count = sieve(flags, LIMIT)
elapsed_ms = time.ticks_diff(time.ticks_ms(), start_ms)

largest = LIMIT - 1
while flags[largest]:
    largest -= 1

print("primes below", LIMIT, ":", count)
print("the largest :", largest)
print("sieved in", elapsed_ms, "ms")
