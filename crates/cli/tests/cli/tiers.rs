//! What Python's heap says on the console.

use crate::common::{Seen, elf, run, run_with};

fn run_script(name: &str, script: &str) -> Seen {
    let file = tempfile::Builder::new()
        .prefix(name)
        .suffix(".py")
        .tempfile()
        .unwrap();
    std::fs::write(file.path(), script).unwrap();
    run(&["run", "--elf", &elf("devebox"), file.path().to_str().unwrap()])
}

#[test]
fn the_table_of_blocks_has_a_part_for_each_tier() {
    let script = "import micropython\nkept = [bytearray(40), (1, 2, 3), 0.5 * len('abc'), str(12345)]\nmicropython.mem_info(1)\n";
    let seen = run_script("table", script);
    assert_eq!(seen.code, Some(0), "{seen:?}");
    assert!(seen.out.contains("GC: total: 9"), "{}", seen.out);
    let parts: Vec<&str> = seen.out.split("GC memory layout; from ").collect();
    let [_, fast, slow] = parts[..] else {
        panic!("{}", seen.out)
    };
    assert!(fast.starts_with("0x24000000:\n00000000: "), "{fast}");
    assert!(
        slow.starts_with("0x90000000:\n       (8192 lines all free)"),
        "{slow}"
    );
    // Heads, what follows them, and a line of 64 blocks that are not all free.
    let line = fast.lines().nth(1).unwrap().strip_prefix("00000000: ").unwrap();
    assert_eq!(line.len(), 64);
    for letter in ['h', '=', 'T', 'L', 'A', 'F', 'S'] {
        assert!(fast.contains(letter), "no {letter}: {fast}");
    }
    assert!(fast.contains(" lines all free)\n"), "{fast}");
}

#[test]
fn a_soft_reset_runs_finalisers_and_gives_the_memory_back() {
    // In paste mode (Ctrl-E, Ctrl-D); then a soft reset.
    let program = "\
class Disk:
    late = False
    def __init__(self): self.data = bytearray(65536)
    def readblocks(self, n, buffer): buffer[:] = self.data[n * 512 : n * 512 + len(buffer)]
    def writeblocks(self, n, buffer):
        if self.late: print('closing')
        else: self.data[n * 512 : n * 512 + len(buffer)] = buffer
    def ioctl(self, request, argument): return {4: 128, 5: 512}.get(request, 0)
import vfs
disk = Disk()
vfs.VfsFat.mkfs(disk)
vfs.mount(disk, '/d')
file = open('/d/a', 'w')
file.write('x')
full = bytearray(8000000)
disk.late = True
print('ready')
";
    let input = format!("\x05{program}\x04\x04import gc; gc.mem_free() > 9200000, len(bytearray(8300000))\r");
    let seen = run_with(&["run", "--elf", &elf("devebox")], input.as_bytes());
    let (before, after) = seen.out.split_once("MPY: soft reboot").expect("a soft reset");
    // An open file is closed by its finaliser, which calls the disk.
    assert!(
        before.contains("\nready\r\n") && !before.contains("\nclosing"),
        "{}",
        seen.out
    );
    assert!(after.contains("\nclosing\r\n"), "{}", seen.out);
    assert!(after.contains("(True, 8300000)"), "{}", seen.out);
}
