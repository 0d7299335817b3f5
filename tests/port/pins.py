# psram: esp-psram64h
# attach: wire:PC0,PC1
# Pins that the board itself needs are refused with the reason, whatever they are called, and the heap lives on.
import gc, io, machine, time

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

# A Signal is of a pin, or of a Signal.
class Derived(machine.Pin):
    pass


for wrong in ("PB6", 5, None, [], b"", machine, lambda: 1, 1.5, object(), Derived, io.StringIO):
    for use in (lambda s: s.value(), lambda s: s.value(1), lambda s: s.on(), lambda s: s.off(), lambda s: s()):
        try:
            use(machine.Signal(wrong))
            assert False, wrong
        except (TypeError, ValueError, AttributeError):
            pass
lamp = machine.Signal(machine.Signal(machine.Pin("LED", machine.Pin.OUT), invert=True))
lamp.on()
assert lamp.value() == 1 and machine.Pin("LED").value() == 0
assert machine.Signal(Derived("LED"), invert=True).value() == 1


# Neither is a stream: their functions are others.
class Inverted(machine.Signal):
    pass


import json, os, select, sys

for wrong in (machine.Pin("LED"), Derived("LED"), lamp, Inverted(machine.Pin("LED"))):
    for use in (
        lambda s: sys.print_exception(ValueError(), s),
        lambda s: print(1, file=s),
        lambda s: json.dump({}, s),
        lambda s: json.load(s),
        lambda s: select.select([s], [], [], 0),
    ):
        try:
            use(wrong)
            assert False, wrong
        except OSError:
            pass
for wrong in (Inverted(machine.Pin("LED")),):
    try:
        machine.Signal(wrong).value()
        assert False
    except TypeError:
        pass


# Nor is a file system; and a stream is no file system, whatever methods it has.
class Disk:
    def __init__(self):
        self.data = bytearray(64 * 512)

    def readblocks(self, n, buf, offset=0):
        buf[:] = self.data[n * 512 + offset : n * 512 + offset + len(buf)]

    def writeblocks(self, n, buf, offset=0):
        self.data[n * 512 + offset : n * 512 + offset + len(buf)] = buf

    def ioctl(self, request, argument):
        return {4: 64, 5: 512}.get(request, 0)


class Text(io.StringIO):
    def mount(self, readonly, mkfs):
        pass

    def umount(self):
        pass


class Own(os.VfsLfs2):
    pass


disk = Disk()
os.VfsLfs2.mkfs(disk)
for use in (lambda s: print(1, file=s), lambda s: sys.print_exception(ValueError(), s), json.load):
    try:
        use(os.VfsLfs2(disk))
        assert False
    except OSError:
        pass
sys.path.append("/there")
for volume in (Text(), Own(disk), os.VfsLfs2(disk)):
    os.mount(volume, "/there")
    try:
        import nothing_of_this_name

        assert False
    except ImportError:
        pass
    os.umount("/there")
# Others work as before.
for name in ("LED", "K1", "PA0"):
    assert "Pin(" in repr(machine.Pin(name, machine.Pin.IN)), name
# And as attributes, by the chip's names and by the board's.
Pin = machine.Pin
assert Pin.cpu.A0.name() == Pin.cpu.PA0.name() == "PA0"
assert Pin.board.LED.name() == Pin("LED").name()
for names, name in ((Pin.cpu, "F0"), (Pin.cpu, "A16"), (Pin.cpu, "a0"), (Pin.cpu, "LED"), (Pin.board, "A0"), (Pin.board, "none")):
    assert not hasattr(names, name), name
    try:
        setattr(names, name, 1)
        assert False
    except AttributeError:
        pass
try:
    Pin.cpu.B2
    assert False
except ValueError as error:
    assert "memory chip" in str(error), error
data = [bytearray(1000) for _ in range(2000)]
gc.collect()
assert all(block == bytes(1000) for block in data)
# A pin that has no mode yet is analog since the reset, and shows the level all the same.
bare, other = machine.Pin("PC0"), machine.Pin("PC1", machine.Pin.OUT)
for level in (1, 0, 1):
    other(level)
    assert bare.value() == bare() == machine.Signal(bare).value() == level
    assert bare.mode() == machine.Pin.ANALOG
edges = []
bare.irq(lambda pin: edges.append(pin()), machine.Pin.IRQ_FALLING)
other(0)
time.sleep_ms(1)
assert edges == [0], edges
bare.irq(None)
print("ok")
