# psram: none
# No card in the socket.
import os, time
from machine import SDCard

card = SDCard()
t = time.ticks_ms()
assert not card.present(20)
assert 20 <= time.ticks_diff(time.ticks_ms(), t) < 40
t = time.ticks_ms()
try:
    card.readblocks(0, bytearray(512))
    assert False
except OSError as e:
    assert e.errno == 19, e
assert 1000 <= time.ticks_diff(time.ticks_ms(), t) < 1100, "a card may power up for a second"
assert "not in use" in str(card)
print("no card ok")
