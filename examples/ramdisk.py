# A LittleFS disk of 4 MB in RAM: log to files as on a card, at the speed of memory and without wearing flash.
import gc
import json
import os
import vfs

BLOCK_BYTES = 4096
BLOCKS = 1024


class RamDisk:
    """A block device as MicroPython's file systems expect it, over one bytearray."""

    def __init__(self, block_bytes, blocks):
        self.block_bytes = block_bytes
        self.data = memoryview(bytearray(block_bytes * blocks))

    def readblocks(self, block, buf, offset=0):
        at = block * self.block_bytes + offset
        buf[:] = self.data[at : at + len(buf)]

    def writeblocks(self, block, buf, offset=0):
        at = block * self.block_bytes + offset
        self.data[at : at + len(buf)] = buf

    def ioctl(self, op, arg):
        if op == 4:  # how many blocks
            return len(self.data) // self.block_bytes
        if op == 5:  # how large a block
            return self.block_bytes
        if op == 6:  # erase: RAM needs none
            return 0


disk = RamDisk(BLOCK_BYTES, BLOCKS)
vfs.VfsLfs2.mkfs(disk)
vfs.mount(vfs.VfsLfs2(disk), "/ram")

RECORDS = 500
for day in range(4):
    with open("/ram/day%d.jsonl" % day, "w") as log:
        for i in range(RECORDS):
            json.dump({"day": day, "i": i, "mv": (i * 37 + day * 11) % 3300}, log)
            log.write("\n")

highest = 0
records = 0
for name in os.listdir("/ram"):
    with open("/ram/" + name) as log:
        for line in log:
            highest = max(highest, json.loads(line)["mv"])
            records += 1

used_blocks = os.statvfs("/ram")[2] - os.statvfs("/ram")[3]
print("files   :", os.listdir("/ram"))
print("records :", records, "highest:", highest, "mV")
print("disk    :", used_blocks * BLOCK_BYTES // 1024, "KB used of", BLOCK_BYTES * BLOCKS // 1024, "KB")
vfs.umount("/ram")
print("heap    :", gc.mem_free() // 1024, "KB still free")
