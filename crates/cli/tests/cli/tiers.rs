//! What Python's heap says on the console.

use crate::common::{Seen, elf, run_script, run_with};

/// Runs a script on a firmware, which has another heap than the default one by the name behind the board's.
fn on(firmware: &str, script: &str) -> Seen {
    run_script(firmware, &[], script).0
}

#[test]
fn the_table_of_blocks_has_a_part_for_each_tier() {
    let script = "import micropython\nkept = [bytearray(40), (1, 2, 3), 0.5 * len('abc'), str(12345)]\nmicropython.mem_info(1)\n";
    let seen = on("devebox", script);
    assert_eq!(seen.code, Some(0), "{seen:?}");
    assert!(seen.out.contains("GC: total: 9"), "{}", seen.out);
    let parts: Vec<&str> = seen.out.split("GC memory layout; from ").collect();
    let [_, fast, slow] = parts[..] else {
        panic!("{}", seen.out)
    };
    // The first block of each is given to no one: its address stands in constants of the program. The fast tier begins above
    // the 8 KB that are for DMA.
    assert!(fast.starts_with("0x24002010:\n"), "{fast}");
    assert!(slow.starts_with("0x90000010:\n       (81"), "{slow}");
    // Heads, what follows them, and a line of 64 blocks that are not all free.
    let mut lines = fast.lines().skip(1);
    let (_, line) = lines.find_map(|line| line.split_once(": ")).unwrap();
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
    let has = |part: &str, line| part.lines().any(|seen| seen == line);
    assert!(has(before, "ready") && !has(before, "closing"), "{}", seen.out);
    assert!(has(after, "closing"), "{}", seen.out);
    assert!(has(after, "(True, 8300000)"), "{}", seen.out);
}

/// A store behind the end of a block.
const OVERRUN: &str = "\
import gc, spiram, uctypes
block = bytearray(60)
spiram.heap(check=True)
address = uctypes.addressof(block)
print(hex(address))
uctypes.bytearray_at(address, 64)[60:64] = b'over'
";

#[test]
fn a_block_that_was_overrun_is_named_by_its_address() {
    let ask = format!("{OVERRUN}try: spiram.heap(check=True)\nexcept RuntimeError as error: print(error)\n");
    let seen = on("devebox-checked", &ask);
    let (address, error) = seen.out.trim_end().split_once('\n').expect("two lines");
    assert!(
        error.starts_with(&format!("heap damaged at {address}: ")),
        "{seen:?}"
    );
    assert!(error.contains("guard word"), "{seen:?}");

    // The next collection finds it by itself, and the program ends there.
    let wait = format!("{OVERRUN}gc.collect()\nprint('went on')\n");
    let seen = on("devebox-checked", &wait);
    let address = seen.out.lines().next().unwrap();
    assert!(seen.out.contains("spiram panic"), "{seen:?}");
    assert!(
        seen.out.contains(&format!("heap damaged at {address}: ")),
        "{seen:?}"
    );
    assert!(!seen.out.contains("went on"), "{seen:?}");
    assert!(
        seen.code == Some(1) && seen.err.contains("the board was reset"),
        "{seen:?}"
    );
}

#[test]
fn tables_that_were_overwritten_are_noticed_in_every_build() {
    let script = "\
import machine, spiram
tables = 0x24002000 + spiram.heap(check=True)['fast']['size']
machine.mem32[tables] ^= 16
try: spiram.heap(check=True)
except RuntimeError as error: print(error)
machine.mem32[tables] ^= 16
spiram.heap(check=True)
";
    let seen = on("devebox", script);
    assert_eq!(seen.code, Some(0), "{seen:?}");
    assert!(
        seen.out.starts_with("heap damaged at 0x24002000: the canaries"),
        "{seen:?}"
    );
}

/// Freeing a dictionary's table, of which the address was changed before.
const FOREIGN: &str = "\
import machine
d = {1: 2}
foreign = id(d) + 4
machine.mem32[id(d) + 12] = foreign
print(hex(foreign))
d.clear()
print('went on')
";

#[test]
fn a_free_of_what_is_no_block_is_caught_with_its_address_in_a_checked_build() {
    let seen = on("devebox-checked", FOREIGN);
    let address = seen.out.lines().next().unwrap();
    assert!(
        seen.out.contains(&format!(
            "{:#010x} is not the start of a block",
            u32::from_str_radix(&address[2..], 16).unwrap()
        )),
        "{seen:?}"
    );
    assert!(!seen.out.contains("went on"), "{seen:?}");
    assert!(
        seen.code == Some(1) && seen.err.contains("the board was reset"),
        "{seen:?}"
    );

    // Otherwise it is nothing, and does nothing.
    let seen = on("devebox", FOREIGN);
    assert!(seen.code == Some(0) && seen.out.contains("went on"), "{seen:?}");
}

#[test]
fn the_stock_heap_has_no_tiers_and_says_so() {
    let script = "\
import gc, spiram
for call in (spiram.heap, lambda: spiram.alloc(100, fast=True)):
    try: call()
    except RuntimeError as error: print(error)
print(gc.mem_free() > 9200000, len(bytearray(8000000)))
";
    let seen = on("devebox-stock", script);
    assert_eq!(seen.code, Some(0), "{seen:?}");
    assert_eq!(seen.out.matches("this build has no tiers").count(), 2, "{seen:?}");
    assert!(seen.out.ends_with("True 8000000\n"), "{seen:?}");
}
