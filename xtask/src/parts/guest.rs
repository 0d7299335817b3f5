//! A real Linux attaches the board's USB: its own drivers, and unmodified tools, inside qemu with software emulation.
//!
//! The guest is Debian's kernel and busybox; it sees this machine's files, read-only, so that the tools are those that stand
//! here already. What is done there is `tests/guest/attach.py`. It wants root's right to install nothing: what is missing is
//! named.

use super::{Context, Tally, clients};
use crate::project::{DEFAULT_BOARD, Project};
use crate::verb::build;
use crate::{firmware, process, say};
use anyhow::{Context as _, Result, bail};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Programs, and the packages that have them.
const WANTED: [(&str, &str); 6] = [
    ("dfu-util", "dfu-util"),
    ("qemu-system-x86_64", "qemu-system-x86"),
    ("busybox", "busybox-static"),
    ("cpio", "cpio"),
    ("usbip", "usbip"),
    ("apt-get", "apt"),
];

/// Modules of the kernel, in the order in which they are loaded. The cloud kernel has none for USB.
const MODULES: [&str; 17] = [
    "drivers/usb/common/usb-common",
    "drivers/usb/core/usbcore",
    "drivers/usb/usbip/usbip-core",
    "drivers/usb/usbip/vhci-hcd",
    "drivers/usb/class/cdc-acm",
    "drivers/net/ethernet/intel/e1000/e1000",
    "drivers/virtio/virtio_ring",
    "drivers/virtio/virtio",
    "drivers/virtio/virtio_pci_legacy_dev",
    "drivers/virtio/virtio_pci_modern_dev",
    "drivers/virtio/virtio_pci",
    "fs/netfs/netfs",
    "fs/fscache/fscache",
    "net/9p/9pnet",
    "net/9p/9pnet_virtio",
    "fs/9p/9p",
    "lib/crc16",
];

/// A guest that hangs ends after so many seconds, and the board a little later.
const GUEST_SECONDS: &str = "400";
const BOARD_SECONDS: &str = "410";

pub fn run(context: &Context, tally: &mut Tally) -> Result<()> {
    let project = context.project;
    check_programs()?;
    firmware::ensure(project, DEFAULT_BOARD, &context.variant)?;
    firmware::stand_spiram(project)?;
    let tools = clients::programs(project, "quick")?.context("the clients want a newer python3")?;
    let place = project.deps().join("guest");
    let kernel = kernel(&place)?;
    let initrd = initrd(project, &place)?;
    let elf = context.variant.elf(project, DEFAULT_BOARD);
    let images = place.join("images");
    build::write(&elf, &images, DEFAULT_BOARD)?;
    let (mut board, port) = start_board(project, &elf)?;
    let job = format!(
        "{},{},{port},{},{}",
        tools.join("python3").display(),
        project.root.join("tests/guest/attach.py").display(),
        tools.join("mpremote").display(),
        images.display()
    );
    let ended = run_guest(&kernel, &initrd, &job, tally);
    let _ = board.kill();
    let _ = board.wait();
    ended
}

fn check_programs() -> Result<()> {
    let is_here = |name: &str| process::which(name).is_some() || Path::new("/usr/sbin").join(name).exists();
    let missing: Vec<&str> = WANTED
        .iter()
        .filter(|(program, _)| !is_here(program))
        .map(|(_, package)| *package)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    bail!(
        "the guest wants programs that are not here; as root: apt-get install --no-install-recommends {}",
        missing.join(" ")
    )
}

/// The package that `linux-image-amd64` stands for, unpacked and not installed.
fn kernel(place: &Path) -> Result<PathBuf> {
    let boot = place.join("kernel/boot");
    if let Some(found) = find(&boot, "vmlinuz") {
        return Ok(found);
    }
    fs::create_dir_all(place)?;
    say::timed("Debian's kernel, 70 MB, into .deps/guest", || {
        let said = process::output(Command::new("apt-cache").args(["depends", "linux-image-amd64"]))?;
        let package = said
            .lines()
            .find_map(|line| line.trim().strip_prefix("Depends: "));
        let package = package.context("apt knows no linux-image-amd64")?;
        process::output(
            Command::new("apt-get")
                .args(["download", package])
                .current_dir(place),
        )?;
        let archive = find(place, "linux-image").context("the kernel's package was not fetched")?;
        process::output(
            Command::new("dpkg-deb")
                .arg("-x")
                .arg(&archive)
                .arg(place.join("kernel")),
        )?;
        fs::remove_file(archive)?;
        Ok(())
    })?;
    find(&boot, "vmlinuz").context("the package has no kernel in it")
}

/// The entry of a folder whose name begins so.
fn find(folder: &Path, begin: &str) -> Option<PathBuf> {
    let entries = fs::read_dir(folder).ok()?;
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut named = paths.filter(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(begin)
    });
    named.next()
}

/// The guest's first files: busybox, modules, `tests/guest/init.sh`.
fn initrd(project: &Project, place: &Path) -> Result<PathBuf> {
    let root = place.join("root");
    let _ = fs::remove_dir_all(&root);
    for folder in ["bin", "modules", "proc", "sys", "dev", "host"] {
        fs::create_dir_all(root.join(folder))?;
    }
    let busybox = process::which("busybox").context("no busybox")?;
    fs::copy(busybox, root.join("bin/busybox"))?;
    fs::copy(project.root.join("tests/guest/init.sh"), root.join("init"))?;
    let modules = find(&place.join("kernel/lib/modules"), "").context("the kernel has no modules")?;
    let mut list = String::new();
    for module in MODULES {
        let from = modules.join("kernel").join(module).with_extension("ko");
        let name = format!("{}.ko", module.rsplit('/').next().unwrap_or(module));
        // Some kernels have it built in.
        if from.exists() {
            fs::copy(from, root.join("modules").join(&name))?;
            list += &format!("{name}\n");
        }
    }
    fs::write(root.join("modules/list"), list)?;
    let initrd = place.join("initrd");
    process::output(
        Command::new("sh")
            .args(["-c", "chmod +x init && find . | cpio -o -H newc > ../initrd"])
            .current_dir(&root),
    )?;
    Ok(initrd)
}

/// The board, and the port that its USB is offered at.
fn start_board(project: &Project, elf: &Path) -> Result<(Child, String)> {
    let mut child = Command::new(crate::firmware::spiram(project))
        .args(["run", "--usb=127.0.0.1:0", "--for", BOARD_SECONDS, "--elf"])
        .arg(elf)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start spiram")?;
    let mut line = String::new();
    let stdout = child.stdout.as_mut().context("spiram has no stdout")?;
    BufReader::with_capacity(1, stdout).read_line(&mut line)?;
    let port = line
        .split("127.0.0.1:")
        .nth(1)
        .and_then(|rest| rest.split(';').next());
    match port {
        Some(port) => Ok((child, port.to_owned())),
        None => {
            let _ = child.kill();
            let _ = child.wait();
            bail!("the board did not start: {line:?}")
        }
    }
}

fn run_guest(kernel: &Path, initrd: &Path, job: &str, tally: &mut Tally) -> Result<()> {
    let mut guest = Command::new("timeout")
        .args([
            GUEST_SECONDS,
            "qemu-system-x86_64",
            "-accel",
            "tcg",
            "-cpu",
            "max",
            "-m",
            "256",
        ])
        .args(["-nographic", "-no-reboot", "-kernel"])
        .arg(kernel)
        .arg("-initrd")
        .arg(initrd)
        .args(["-append", &format!("console=ttyS0 quiet panic=-1 job={job}")])
        .args(["-netdev", "user,id=n", "-device", "e1000,netdev=n"])
        .args([
            "-virtfs",
            "local,path=/,mount_tag=host,security_model=none,readonly=on",
        ])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .context("cannot start qemu")?;
    let mut said = Vec::new();
    let stdout = guest.stdout.take().context("qemu has no stdout")?;
    for line in BufReader::new(stdout).split(b'\n') {
        let line = String::from_utf8_lossy(&line?).trim_end().to_owned();
        // The kernel may have begun the line.
        if let Some(at) = ["PASS ", "FAIL ", "FIGURE "]
            .iter()
            .find_map(|word| line.find(word))
        {
            let told = &line[at..];
            match told.split_once(' ') {
                Some(("PASS", _)) => tally.pass(),
                Some(("FAIL", _)) => tally.fail(told),
                _ => {}
            }
            say::line(format!("   {told}"));
        }
        said.push(line);
    }
    guest.wait()?;
    if !said.iter().any(|line| line.contains("GUEST ENDS")) {
        bail!("the guest did not come to its end:{}", process::tail(&said));
    }
    if said.iter().any(|line| line.contains("Traceback")) {
        bail!("the job in the guest failed:{}", process::tail(&said));
    }
    Ok(())
}
