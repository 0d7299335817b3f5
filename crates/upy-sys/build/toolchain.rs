//! A C compiler with its flags: one for the chip, one for the host (mpy-cross).

use crate::Result;
use std::{env, path::Path, process::Command};

pub struct Toolchain {
    pub cc: String,
    pub ar: String,
    pub flags: Vec<String>,
    /// First line of `cc --version`: another compiler means other objects.
    pub id: String,
}

impl Toolchain {
    /// Cortex-M7 with double-precision FPU, the same ABI as rustc's thumbv7em-none-eabihf with target-cpu cortex-m7.
    pub fn chip() -> Result<Toolchain> {
        let flags = [
            "-mthumb",
            // Python's heap may be reached strongly-ordered, where an unaligned access faults (.cargo/config.toml).
            "-mno-unaligned-access",
            "-mcpu=cortex-m7",
            "-mfpu=fpv5-d16",
            "-mfloat-abi=hard",
            "-std=gnu99",
            "-DNDEBUG",
            "-ffunction-sections",
            "-fdata-sections",
            "-fno-common",
            "-fno-pic",
            // What a frame has and does not write holds what dead frames left there, and is a root all the same.
            "-ftrivial-auto-var-init=zero",
            // The math library's results are rounded for separate multiplication and addition; fused ones are off by a bit.
            "-ffp-contract=off",
            "-Wall",
            "-Wno-unused-function",
            // What gcc 14 refuses by itself, and 12 only warns of: one Debian is to find what the other would.
            "-Werror=implicit-function-declaration",
            "-Werror=implicit-int",
            "-Werror=int-conversion",
            "-Werror=incompatible-pointer-types",
        ]
        .map(str::to_owned);
        let hint = "install gcc-arm-none-eabi and libnewlib-arm-none-eabi (Debian's names), or run `cargo xtask run`, \
                    which does";
        Self::new("UPY_CC", "arm-none-eabi-gcc", "arm-none-eabi-ar", &flags, hint)
    }

    /// Whatever links host programs here; rustc needs it as well.
    pub fn host() -> Result<Toolchain> {
        let flags = [
            "-std=gnu99",
            "-Os",
            "-ffunction-sections",
            "-fdata-sections",
            "-w",
        ]
        .map(str::to_owned);
        Self::new(
            "HOST_CC",
            "cc",
            "ar",
            &flags,
            "install a C compiler for this machine, such as gcc",
        )
    }

    /// This machine's, for as many bits as the chip has, with all that gcc can look for while a program runs.
    pub fn sanitized() -> Result<Toolchain> {
        let flags = [
            "-m32",
            // Where Debian keeps the headers of the kernel that both widths share.
            "-idirafter/usr/include/x86_64-linux-gnu",
            "-std=gnu99",
            "-O1",
            "-g1",
            "-fno-omit-frame-pointer",
            "-DNDEBUG",
            "-fno-common",
            "-ffp-contract=off",
            "-w",
            // Sums of hashes and the like overflow, and every compiler of the core lets them.
            "-fwrapv",
            "-fsanitize=address,undefined",
            // The core means these, and every processor that it runs on does what it means: shifts of negative numbers,
            // objects in flash whose type has room for more, no bytes copied from nowhere, a pointer that is moved by more
            // than its object before it is moved back.
            "-fno-sanitize=shift,nonnull-attribute,pointer-overflow,float-divide-by-zero,object-size",
            "-fno-sanitize-recover=undefined",
        ]
        .map(str::to_owned);
        Self::new(
            "HOST_CC",
            "gcc",
            "ar",
            &flags,
            "install gcc with its 32-bit libraries, gcc-12-multilib in Debian 12",
        )
    }

    fn new(variable: &str, cc: &str, ar: &str, flags: &[String], hint: &str) -> Result<Toolchain> {
        println!("cargo:rerun-if-env-changed={variable}");
        let cc = env::var(variable).unwrap_or_else(|_| cc.to_owned());
        let version = Command::new(&cc)
            .arg("--version")
            .output()
            .map_err(|e| format!("cannot run the C compiler {cc:?}: {e}; {hint}"))?;
        let id = String::from_utf8_lossy(&version.stdout)
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned();
        Ok(Toolchain {
            cc,
            ar: ar.to_owned(),
            flags: flags.to_vec(),
            id,
        })
    }

    /// Runs the compiler and returns its standard output; an error carries its messages.
    pub fn run(&self, arguments: &[String], about: &Path) -> Result<Vec<u8>> {
        run(Command::new(&self.cc).args(arguments), about)
    }
}

/// Runs a command to its end; `about` names what it was working on.
pub fn run(command: &mut Command, about: &Path) -> Result<Vec<u8>> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .map_err(|e| format!("cannot run {program}: {e}"))?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        let messages = String::from_utf8_lossy(&output.stderr).into_owned();
        Err(format!(
            "{program} failed on {} ({}):\n{messages}",
            about.display(),
            output.status
        ))
    }
}
