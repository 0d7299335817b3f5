# A disk in the heap, where micropython-stubber's createstubs.py writes: its hundred files are more than /flash holds.
import sys, vfs

BLOCK, BLOCKS = 512, 1400


class RamDisk:
    def __init__(self):
        self.data = bytearray(BLOCK * BLOCKS)

    def readblocks(self, n, buf, offset=0):
        first = n * BLOCK + offset
        buf[:] = self.data[first : first + len(buf)]

    def writeblocks(self, n, buf, offset=0):
        first = n * BLOCK + offset
        self.data[first : first + len(buf)] = buf

    def ioctl(self, op, arg):
        return {4: BLOCKS, 5: BLOCK, 6: 0}.get(op)


disk = RamDisk()
vfs.VfsLfs2.mkfs(disk)
vfs.mount(disk, "/ram")
sys.argv[:] = ["createstubs.py", "--path", "/ram"]
