# psram: esp-psram64h
# Compiled files, cut off at every byte and changed at many: an exception, or a module; never a fault or an endless loop.
import binascii
import io
import micropython
import spiram
import sys
import vfs

# A module with functions, closures, generators, classes, blocks of every kind; made by mpy-cross.
GOOD = binascii.unhexlify(
    "4d06001f1d041273616d706c652e7079000f0673797300026300025700026400026600798171026b000667656e00143c6c697374636f6d703e000267"
    "00191b103c6c616d6264613e0081590c726573756c74000261006f6d822f81572f2d350b02790082130a030701310701320701330803322e35060178"
    "00071431323334353637383930313233343536373839308404280e01268b1769406480511b021602532c008310036233001606543201100434021604"
    "3202160a11068281821005843482031110110a340034012a0216115163038b04859ac0c0402b061203402865202425272523352c4f2822262b452700"
    "b0200001b23401c4b0200101c54946482880425d57c6120434004711c7b681d94443404b01b5b63401340059515c5d81e55783d7431e594a1b571213"
    "12142a02df4450c849061215b834016351c828085d4a015d51b41407b13601595d4253b414083600591216b43401228063d84442424ab4432a230031"
    "012700c92500b4b32c0223018162230210096281822d0223032a06630281484a080b1a1a402b00b15f4b0cc2b2443ab22500f42f1442326381241a0e"
    "0c1a1b602020262500b1e52700b020000163014809080f1a6060250063814400080488194411171618100416193200160d3201160e5163024009080d"
    "1c801ab0635891808040080e1c801c516381209040080a801e238167c0b0822a025e5168595163"
)


class Files:
    content = GOOD

    def mount(self, readonly, mkfs):
        pass

    def umount(self):
        pass

    def stat(self, path):
        if path.endswith(".mpy"):
            return (0x8000, 0, 0, 0, 0, 0, len(self.content), 0, 0, 0)
        raise OSError(2)

    def open(self, path, mode):
        return io.BytesIO(self.content)


files = Files()
vfs.mount(files, "/m")
sys.path.insert(0, "/m")


def load(content):
    files.content = content
    sys.modules.pop("sample", None)
    return __import__("sample")


assert load(GOOD).result == ((1, [], {"d": 4}, {1: 2.5, "k": b"x"}, {1, 2}, 12345678901234567890), [1, None, 2])
for n in range(len(GOOD)):
    try:
        load(GOOD[:n])
        assert False, n
    except (ValueError, ImportError):
        pass
for header in (b"", b"M\x06", b"M\x01\x00\x1f", bytes([77, 6, 12, 31]), bytes([77, 6, 0, 200])):
    for rest in (b"", b"\xff\xff\xff\xff\x7f\x00", b"\x01\xff\xff\xff\x7f\x02", b"\xff" * 100, b"\x80" * 100, bytes(300)):
        try:
            load(header + rest)
        except (ValueError, ImportError, MemoryError, TypeError, RuntimeError):
            pass

# What lies on the stack is looked through, too.
for what, old, new in (
    ("a closure over what is no cell", "b0200001b2", "b1200001b2"),
    ("a variable taken for a cell", "2500b1e5", "2501b1e5"),
    ("items put into a list as into a dict", "2c022301", "2b002301"),
    ("items of a list put into a set", "2f14", "2f16"),
    ("a number at the end of a finally", "5d51b41407", "5d81b41407"),
    ("a keyword that is no name", "10058434", "11058434"),
    ("nothing, in a tuple", "b4b32c02", "b4532c02"),
    ("a function without its default values", "532c008310036233", "8059100359535333"),
):
    changed = GOOD.replace(binascii.unhexlify(old), binascii.unhexlify(new))
    assert changed != GOOD, what
    try:
        load(changed)
        assert False, what
    except ValueError:
        pass

# Machine code from a file can be switched off.
native = bytearray(GOOD)
spiram.trust_native(False)
assert load(GOOD).result
spiram.trust_native(True)
sys.path.pop(0)
vfs.umount("/m")
