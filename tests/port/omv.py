# psram: none
# The modules omv and protocol without a host: what they tell, and what they refuse.
import binascii
import machine
import omv
import protocol


def refused(kind, call, words):
    try:
        call()
    except kind as error:
        assert words in str(error), error
    else:
        assert False, words


assert omv.version_string() == "%d.%d.%d" % (omv.version_major, omv.version_minor, omv.version_patch)
assert omv.version_major == 5
assert "STM32H7A3" in omv.arch() and omv.board_type() == "H7A3"
words = [omv.board_id()[n : n + 8] for n in (16, 8, 0)]
assert b"".join(bytes(reversed(binascii.unhexlify(word))) for word in words) == machine.unique_id()
assert not omv.debug_mode() and not protocol.is_active()

refused(ValueError, lambda: protocol.init(max_payload=49), "50 to 4082")
refused(ValueError, lambda: protocol.init(rtx_timeout_ms=0), "at least 1")
protocol.init(ack=False, max_payload=512)
protocol.init()


class Store:
    started = 0

    def init(self):
        Store.started += 1


channel = protocol.register(name="a name that is long", flags=protocol.CHANNEL_FLAG_READ, backend=Store())
assert str(channel) == "<ProtocolChannel: a name that i>" and Store.started == 1
refused(RuntimeError, lambda: channel.send_event(1), "no host")
refused(ValueError, lambda: channel.send_event(65536), "0 to 65535")
for n in range(7):
    protocol.register("c%d" % n, 0, Store())
refused(RuntimeError, lambda: protocol.register("one more", 0, Store()), "8 channels")
assert Store.started == 9
print("done")
