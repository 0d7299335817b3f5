# psram: none
# sd: sdsc:2M
# A card of standard capacity.
import os, vfs
from machine import SDCard

card = SDCard()
assert card.info() == (2 << 20, 512, 0) and "SDSC" in str(card), card.info()
data = bytes(range(256)) * 4
card.writeblocks(4094, data)
back = bytearray(1024)
card.readblocks(4094, back)
assert back == data
try:
    card.readblocks(4095, back)
    assert False
except ValueError as e:
    assert "outside the card" in str(e)
vfs.VfsFat.mkfs(card)
vfs.mount(vfs.VfsFat(card), "/sd")
with open("/sd/x", "w") as f:
    f.write("small")
with open("/sd/x") as f:
    assert f.read() == "small"
print("sdsc ok")
