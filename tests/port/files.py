# psram: esp-psram64h
# File systems on a disk of 2 MB in the PSRAM.
import os, vfs


class Disk:
    def __init__(self, blocks):
        self.data = bytearray(512 * blocks)

    def readblocks(self, block, buffer, offset=0):
        at = block * 512 + offset
        buffer[:] = memoryview(self.data)[at : at + len(buffer)]

    def writeblocks(self, block, buffer, offset=0):
        at = block * 512 + offset
        memoryview(self.data)[at : at + len(buffer)] = buffer

    def ioctl(self, request, argument):
        return {4: len(self.data) // 512, 5: 512}.get(request, 0)


for kind in (vfs.VfsFat, vfs.VfsLfs2):
    disk = Disk(4096)
    kind.mkfs(disk)
    vfs.mount(disk, "/disk")
    os.mkdir("/disk/folder")
    text = "".join("line %d\n" % i for i in range(3000))
    with open("/disk/folder/a.txt", "w") as file:
        file.write(text)
    with open("/disk/module.py", "w") as file:
        file.write("answer = 42\n")
    assert open("/disk/folder/a.txt").read() == text
    assert sorted(os.listdir("/disk")) == ["folder", "module.py"]
    assert os.stat("/disk/folder/a.txt")[6] == len(text)
    vfs.umount("/disk")
    vfs.mount(kind(disk), "/disk")
    os.chdir("/disk")
    import module, sys

    assert module.answer == 42
    del sys.modules["module"]
    os.chdir("/")
    vfs.umount("/disk")
