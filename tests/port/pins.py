# psram: esp-psram64h
# Pins that the board itself needs are refused with the reason, whatever they are called, and the heap lives on.
import gc, machine

TAKEN = ("PB6", "b6", "PB2", "PD11", "PD12", "PE2", "PD13")
for name in TAKEN + ("PA2", "a3"):
    for mode in (None, machine.Pin.IN, machine.Pin.OUT, machine.Pin.ANALOG):
        try:
            machine.Pin(name, mode, value=1)
            assert False, name
        except ValueError as error:
            owner = "memory chip" if name in TAKEN else "console"
            assert "is taken" in str(error) and owner in str(error), error
            assert str(error)[:2].upper() + str(error)[2:] == str(error), "the pin's own name: %s" % error
    try:
        machine.Signal(name)
        assert False, name
    except (TypeError, ValueError):
        pass

# Others work as before.
for name in ("LED", "K1", "PA0"):
    assert "Pin(" in repr(machine.Pin(name, machine.Pin.IN)), name
data = [bytearray(1000) for _ in range(2000)]
gc.collect()
assert all(block == bytes(1000) for block in data)
print("ok")
