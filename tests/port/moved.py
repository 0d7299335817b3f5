# psram: none
# What Rust and a DMA write into a caller's buffer reaches the collector, or is refused.
import array, gc, spiram

COUNT = 500


def moved(rounds):
    # Objects whose only reference is moved by a DMA, while a collection may be anywhere.
    source = array.array("O", [[i] for i in range(COUNT)])
    target = array.array("O", [None] * COUNT)
    for turn in range(rounds):
        for i in range(40):
            [i, turn]
        spiram.copy(target, source)
        for i in range(COUNT):
            source[i] = None
        for i in range(40):
            [i, turn]
        source, target = target, source
    return [i for i in range(COUNT) if source[i] != [i]]


ballast = [[i] for i in range(9_000)]
lost = moved(120)
assert not lost, (len(lost), lost[:5])
ballast = None

# Bytes are not taken for objects, nor objects for bytes.
objects = array.array("O", [[1], [2]])
addresses = array.array("P", [1, 2])
plain = bytearray(8)
for target, source in ((objects, plain), (plain, objects), (addresses, plain), (memoryview(objects), plain)):
    try:
        spiram.copy(target, source)
    except TypeError:
        pass
    else:
        raise AssertionError((target, source))
assert list(objects) == [[1], [2]] and plain == bytes(8)
spiram.copy(memoryview(objects)[1:], memoryview(objects)[:1])
assert list(objects) == [[1], [1]]
