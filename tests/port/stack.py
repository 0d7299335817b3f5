# psram: esp-psram64h
# Functions of ours with large frames, called from the deepest frame that still catches the end of the stack.
import cryptolib
import hashlib
import spiram

calls = (
    spiram.memtest, spiram.speed, spiram.selftest, spiram.info, spiram.heap,
    lambda: cryptolib.aes(b"k" * 16, 2, b"i" * 16).encrypt(bytes(64)),
    lambda: cryptolib.aes(b"k" * 32, 2, b"i" * 16).decrypt(bytes(64)),
    lambda: (hashlib.sha1(b"x" * 100).digest(), hashlib.md5(b"x" * 100).digest(), hashlib.sha256(b"x").digest()),
)


def deepest(call):
    try:
        return deepest(call)
    except RuntimeError:
        return call()


for call in calls:
    try:
        deepest(call)
    except RuntimeError:
        pass
