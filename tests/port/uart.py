# psram: esp-psram64h
# attach: wire:PA9,PA10
# attach: wire:PE8,PA1
# attach: wire:PA0,PE7
# attach: wire:PB14,PE10
# attach: wire:PD8,PD9
import asyncio, gc, machine, micropython, select, time
from machine import UART, Pin


def raises(kind, words, f, *a, **k):
    try:
        f(*a, **k)
    except kind as e:
        assert words in str(e), (words, str(e))
    else:
        assert False, (kind, f, a, k)


# ---- Wrong uses say what is wrong ----
raises(TypeError, "id", UART)
for id in (0, 11, -1):
    raises((ValueError, OverflowError), "", UART, id)
raises(ValueError, "USART2 is the console", UART, 2)
raises(ValueError, "usual pins", UART, 10)
raises(ValueError, "bits is 7 or 8", UART, 1, 9600, bits=9)
raises(ValueError, "parity", UART, 1, 9600, parity=2)
raises(ValueError, "stop", UART, 1, 9600, stop=3)
raises(ValueError, "flow is UART.RTS", UART, 1, 9600, flow=4)
raises(ValueError, "needs rts=", UART, 1, 9600, flow=UART.RTS)
raises(ValueError, "rxbuf", UART, 1, 9600, rxbuf=0)
raises(ValueError, "rxbuf", UART, 1, 9600, rxbuf=2**20)
raises(ValueError, "PA8 is not TX of USART1; these can be: PA9", UART, 1, 9600, tx="PA8")
raises(ValueError, "memory chip", UART, 1, 9600, tx="PB6")
for baud in (0, 20_000_000, 1):
    raises(ValueError, "cannot be made", UART, 1, baud)

# ---- There and back on one port ----
u = UART(1, 115200)
assert "baudrate=115" in str(u) and "tx=PA9, rx=PA10" in str(u), u
assert UART(1) is u, "with nothing else it is the port as it is"
assert u.read() is None and u.read(3) is None and u.readline() is None and u.any() == 0
assert u.write(b"") == 0 and u.readinto(bytearray(4)) is None
assert u.write(b"hello\nworld") == 11 and not u.txdone()
u.flush()
assert u.txdone()
time.sleep_ms(1)
assert u.any() == 11
assert u.read(2) == b"he"
assert u.readline() == b"llo\n"
b = bytearray(3)
assert u.readinto(b) == 3 and b == b"wor"
assert u.read() == b"ld" and u.read() is None

# Nothing is read twice, and what is there comes at once with timeout 0.
u.write(b"abc")
time.sleep_ms(1)
t = time.ticks_us()
assert u.read(3) == b"abc" and time.ticks_diff(time.ticks_us(), t) < 1000
t = time.ticks_ms()
u.init(115200, timeout=50)
assert u.read(1) is None and 49 <= time.ticks_diff(time.ticks_ms(), t) < 80
u.write(b"half a line")
assert u.readline() == b"half a line"

# A writer that does not wait puts what fits, and loses nothing.
u.init(9600, txbuf=16, rxbuf=200)
sent = 0
while sent < 100:
    sent += u.write(bytes(range(sent, 100))) or 0
u.flush()
time.sleep_ms(3)
assert u.read() == bytes(range(100))

# On an open port the parameters that are not given are the usual ones again.
u = UART(1, 115200, bits=7, parity=0, stop=2, rxbuf=10)
assert "bits=7, parity=0, stop=2" in str(u) and "rxbuf=10" in str(u), u
u.write(b"\x41\xc2")
time.sleep_ms(1)
assert u.read() == b"\x41\x42", "seven bits"
u = UART(1, 9600)
assert "bits=8, parity=None, stop=1" in str(u) and "rxbuf=256, txbuf=256" in str(u), u

# ---- Every rate and every frame, at three clocks of the core ----
for mhz in (280, 225, 64):
    machine.freq(mhz * 1_000_000)
    for baud in (300, 1200, 31250, 115200, 460800, 921600, 2_000_000, 4_000_000):
        u.init(baud, timeout=100)
        u.write(b"Uz\x00\xff")
        assert u.read(4) == b"Uz\x00\xff", (mhz, baud)
machine.freq(280_000_000)
for bits in (7, 8):
    for parity in (None, 0, 1):
        for stop in (1, 2):
            u.init(115200, bits=bits, parity=parity, stop=stop, timeout=10)
            text = bytes(n & (127 if bits == 7 else 255) for n in (0, 1, 0x55, 0x7F, 0xAA, 0xFF))
            u.write(text)
            assert u.read(6) == text, (bits, parity, stop)
# The core's clock changes under an open port.
u.init(115200, timeout=10)
machine.freq(64_000_000)
u.write(b"still here")
assert u.read(10) == b"still here"
machine.freq(280_000_000)
u.init(115200, invert=UART.INV_TX | UART.INV_RX, timeout=10)
u.write(b"upside down")
assert u.read(11) == b"upside down"

# ---- Two ports that talk to one another ----
a = UART(7, 921600, rxbuf=4096, txbuf=4096)
b = UART(4, 921600, rxbuf=4096, txbuf=4096)
N = 16384
there, back = bytes((7 * n) & 255 for n in range(N)), bytes((n * n >> 3) & 255 for n in range(N))
got_a, got_b = bytearray(), bytearray()
sent_a = sent_b = 0
while len(got_a) < N or len(got_b) < N:
    sent_a += a.write(memoryview(there)[sent_a:sent_a + 3000]) or 0
    sent_b += b.write(memoryview(back)[sent_b:sent_b + 2000]) or 0
    got_a += a.read(a.any()) or b""
    got_b += b.read(b.any()) or b""
assert got_a == back and got_b == there, "both ways at once"

# ---- 921,600 baud while the heap is collected ----
u.init(921600, rxbuf=40000, txbuf=40000)
keep = [[n, str(n)] for n in range(20000)]
text = bytes((n * 37 + (n >> 8)) & 255 for n in range(40000))
assert u.write(text) == 40000
collections = 0
while not u.txdone():
    gc.collect()
    collections += 1
assert collections > 3, collections
time.sleep_ms(1)
assert u.any() == 40000 and u.read() == text, "nothing lost in %d collections" % collections
keep = None

# ---- Flow control: a receiver without room holds the sender ----
# USART3 hears itself; its RTS is UART7's CTS.
r = UART(3, 115200, tx="PD8", rx="PD9", rts="PB14", flow=UART.RTS, rxbuf=32)
a = UART(7, 115200, cts="PE10", flow=UART.CTS)
b = UART(4, 115200, timeout=5)
r.write(bytes(range(60)))
time.sleep_ms(10)
a.write(b"held")
assert b.read(4) is None and not a.txdone(), "CTS holds it"
assert r.any() == 32
assert r.read(60) == bytes(range(32)) + bytes(range(32, 48)), "ring and FIFO; nobody held this sender, which has no CTS"
assert b.read(4) == b"held" and a.txdone()

# ---- Interrupts ----
calls = []
def told(port):
    calls.append((port, irq.flags(), port.any()))
u.init(115200)
irq = u.irq(told, UART.IRQ_RXIDLE)
assert irq.trigger() == UART.IRQ_RXIDLE
u.write(b"two words")
time.sleep_ms(3)
assert calls == [(u, UART.IRQ_RXIDLE, 9)], calls
assert u.read() == b"two words"
calls.clear()
irq.trigger(UART.IRQ_RX)
u.write(b"abc")
time.sleep_ms(3)
assert [c[1:] for c in calls] == [(UART.IRQ_RX, n) for n in (1, 2, 3)], calls
u.read()
calls.clear()
irq.trigger(UART.IRQ_TXIDLE)
u.write(b"out")
time.sleep_ms(3)
assert [c[1] for c in calls] == [UART.IRQ_TXIDLE], calls
u.read()
calls.clear()
irq.trigger(UART.IRQ_BREAK)
u.sendbreak()
time.sleep_ms(3)
assert [c[1] for c in calls] == [UART.IRQ_BREAK] and u.any() == 0, calls
u.write(b"ok")
time.sleep_ms(1)
assert u.read() == b"ok", "bytes after a break are sound"
hits = 0
def hard(port):
    global hits
    hits += port.any()
u.irq(hard, UART.IRQ_RXIDLE, hard=True)
u.write(b"12345")
time.sleep_ms(2)
assert hits == 5, hits
u.irq(None)
raises(ValueError, "trigger is", u.irq, told, 64)
for rxbuf in (1, 2, 64, 4096):
    calls.clear()
    u.init(115200, rxbuf=rxbuf)
    irq = u.irq(told)
    u.write(b"x")
    time.sleep_ms(1)
    assert len(calls) == 1, rxbuf
u.irq(None)

# ---- Streams: poll, asyncio ----
u.init(115200)
p = select.poll()
p.register(u, select.POLLIN | select.POLLOUT)
assert [flags for _, flags in p.poll(0)] == [select.POLLOUT]
p.modify(u, select.POLLIN)
assert p.poll(5) == []
u.write(b"!")
assert [flags for _, flags in p.poll(100)] == [select.POLLIN]
assert u.read() == b"!"


async def echo(port, lines):
    stream = asyncio.StreamReader(port)
    got = []
    for _ in range(lines):
        got.append(await stream.readline())
    return got


async def talk():
    reader = asyncio.create_task(echo(b, 3))
    writer = asyncio.StreamWriter(a)
    for line in (b"one\n", b"two\n", b"three\n"):
        writer.write(line)
        await writer.drain()
        await asyncio.sleep_ms(2)
    return await reader


a = UART(7, 115200)
b = UART(4, 115200)
assert asyncio.run(talk()) == [b"one\n", b"two\n", b"three\n"]

# ---- Off, and on again ----
u.deinit()
raises(ValueError, "off after deinit", u.read)
raises(ValueError, "off after deinit", u.any)
u.init(115200, timeout=10)
u.write(b"back")
assert u.read(4) == b"back"
print("uart ok")
