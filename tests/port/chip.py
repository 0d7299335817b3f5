# psram: none
# The modules machine, os, sys and time as this board has them.
import machine, os, sys, time, select

assert machine.freq() == 280_000_000
assert len(machine.unique_id()) == 12
assert machine.reset_cause() == machine.PWRON_RESET
assert sys.platform == "spiram" and sys.implementation.name == "micropython"
assert sys.implementation._machine == os.uname().machine
assert os.uname().machine.endswith("with STM32H7A3")
# DBGMCU_IDC: the chip's family (RM0455 DBGMCU_IDC).
assert machine.mem32[0x5C00_1000] & 0xFFF == 0x480

Pin = machine.Pin
led = Pin("LED", Pin.OUT, value=0)
assert led() == 0 and led.mode() == Pin.OUT
led.on()
assert led.value() == 1
led.toggle()
assert led() == 0
assert repr(led) == "Pin('%s', mode=Pin.OUT)" % led.name()
signal = machine.Signal(led, invert=True)
signal.on()
assert led() == 0
signal.off()
assert led() == 1
key = Pin("K1", Pin.IN, Pin.PULL_UP)
assert key() == 1 and key.mode() == Pin.IN
assert Pin("pa0").name() == "PA0"
assert Pin(led) is led


def refused(error, function, *args, **kwargs):
    try:
        function(*args, **kwargs)
    except error:
        return
    raise AssertionError((error, args, kwargs))


refused(ValueError, Pin, "PF1")
refused(ValueError, Pin, "LED9")
refused(TypeError, Pin)
refused(TypeError, Pin, 7)
refused(TypeError, Pin, "LED", speed=3)
refused(ValueError, Pin, "LED", 9)
refused(ValueError, Pin, "LED", Pin.IN, 9)
refused(TypeError, Pin.on, 3)

state = machine.disable_irq()
machine.enable_irq(state)

start = time.ticks_us()
time.sleep_ms(250)
waited = time.ticks_diff(time.ticks_us(), start)
assert 250_000 <= waited < 252_000, waited
start = time.ticks_us()
assert select.poll().poll(40) == []
waited = time.ticks_diff(time.ticks_us(), start)
assert 39_000 <= waited < 43_000, waited
start = time.ticks_us()
time.sleep_us(333)
waited = time.ticks_diff(time.ticks_us(), start)
assert 333 <= waited < 400, waited
assert time.localtime()[:3] == (2000, 1, 1) and time.localtime(86_400)[:3] == (2000, 1, 2)

assert len(os.urandom(0)) == 0 and len(os.urandom(7)) == 7
assert os.urandom(16) != os.urandom(16)
refused(ValueError, os.urandom, -1)
