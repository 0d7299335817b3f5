//! A machine that is not there: a checkout of nothing, and in PATH only programs that a test made up.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// Programs of the real system that shell scripts need.
const REAL: &[&str] = &[
    "sh", "cat", "sleep", "mkdir", "touch", "chmod", "ln", "rm", "true", "env",
];

/// What set-up needs, as names of programs and the packages that bring them.
const TOOLS: &[(&str, &str)] = &[
    ("cmake", "cmake version 3.25.1"),
    ("ninja", "1.11.1"),
    ("pkg-config", "1.8.1"),
    ("arm-none-eabi-gcc", "arm-none-eabi-gcc (15:12.2) 12.2.1"),
];

pub struct Machine {
    dir: TempDir,
    pub root: PathBuf,
    bin: PathBuf,
}

impl Machine {
    /// A bare Debian: Rust, a C compiler, and apt that can install. `folder` is the checkout's name.
    pub fn bare(folder: &str) -> Machine {
        let dir = tempfile::tempdir().unwrap();
        let (root, bin) = (dir.path().join(folder), dir.path().join("bin"));
        for made in ["board", "xtask", ".cargo"] {
            fs::create_dir_all(root.join(made)).unwrap();
        }
        fs::write(root.join("board/devebox.toml"), "").unwrap();
        fs::write(root.join("Cargo.toml"), "").unwrap();
        fs::write(root.join("Cargo.lock"), "").unwrap();
        for made in [
            "rust/lib/rustlib",
            "cargo/registry/cache",
            "micropython/py",
            "littlefs/littlefs",
            "rustup",
        ] {
            fs::create_dir_all(dir.path().join(made)).unwrap();
        }
        fs::write(dir.path().join("micropython/py/mpconfig.h"), "").unwrap();
        fs::write(dir.path().join("littlefs/littlefs/lfs.h"), "").unwrap();
        fs::create_dir(&bin).unwrap();
        for name in REAL {
            let real = ["/usr/bin", "/bin"].map(|dir| Path::new(dir).join(name));
            symlink(real.iter().find(|file| file.exists()).unwrap(), bin.join(name)).unwrap();
        }
        let machine = Machine { dir, root, bin };
        machine.install_rust();
        machine.program("id", "echo 0");
        machine.program("dpkg", "");
        machine.program("apt-cache", "exit 0");
        machine.program("apt-get", &machine.apt());
        machine.program("cc", "echo 'cc (Debian 12.2.0-14) 12.2.0'");
        machine.program("python3", "echo 'Python 3.11.2'");
        machine
    }

    fn install_rust(&self) {
        let at = self.dir.path().display();
        self.program(
            "rustc",
            &format!("case $1 in -vV) echo 'host: x86_64-unknown-linux-gnu';; *) echo '{at}/rust';; esac"),
        );
        let target = self.root.join("target");
        let metadata = format!(r#"{{"target_directory":"{}","packages":[]}}"#, target.display());
        self.program("cargo", &format!("case $1 in metadata) echo '{metadata}';; esac"));
        self.program("rustup", &self.add_target());
    }

    /// What a rustup does that reaches its server.
    pub fn add_target(&self) -> String {
        let lib = self.dir.path().join("rust/lib/rustlib/thumbv7em-none-eabihf/lib");
        format!("mkdir -p '{0}' && touch '{0}/libcore-1234.rlib'", lib.display())
    }

    /// What an apt-get does that has all packages: all the tools are there afterwards.
    pub fn apt(&self) -> String {
        let mut script = String::from(
            "case \" $* \" in *' --print-uris '*) echo \"'http://m/x' cmake_1_amd64.deb 1000 H\"; exit;;\n",
        );
        script += "*' --download-only '*|*' update '*) exit;; esac\n";
        for (name, version) in TOOLS {
            let path = self.bin.join(name);
            script += &format!(
                "printf '#!/bin/sh\\necho \"{version}\"\\n' > '{0}'; chmod 755 '{0}'\n",
                path.display()
            );
        }
        script
    }

    /// Puts a shell script into PATH, which notes each call.
    pub fn program(&self, name: &str, script: &str) {
        let path = self.bin.join(name);
        let calls = self.dir.path().join("calls");
        let text = format!(
            "#!/bin/sh\necho \"{name} $*\" >> '{}'\n{script}\n",
            calls.display()
        );
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Makes the folder that all of it lies in one that other users may look into.
    pub fn let_others_in(&self) {
        fs::set_permissions(self.dir.path(), fs::Permissions::from_mode(0o777)).unwrap();
    }

    pub fn without(&self, name: &str) {
        let _ = fs::remove_file(self.bin.join(name));
    }

    /// All programs that were started, with their arguments, one a line.
    pub fn calls(&self) -> String {
        fs::read_to_string(self.dir.path().join("calls")).unwrap_or_default()
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command
            .args(args)
            .env_clear()
            .stdin(Stdio::null())
            .current_dir(&self.root);
        command
            .env("PATH", &self.bin)
            .env("HOME", self.dir.path())
            .env("CARGO_HOME", self.dir.path().join("cargo"))
            .env("RUSTUP_HOME", self.dir.path().join("rustup"))
            .env("CARGO_MANIFEST_DIR", self.root.join("xtask"))
            .env("MICROPY_DIR", self.dir.path().join("micropython"))
            .env("LITTLEFS_DIR", self.dir.path().join("littlefs"))
            // libclang is looked for in the system's folders, too.
            .env("LIBCLANG_PATH", self.libclang());
        command
    }

    fn libclang(&self) -> PathBuf {
        let dir = self.dir.path().join("llvm");
        fs::create_dir_all(&dir).unwrap();
        fs::write(dir.join("libclang.so"), "").unwrap();
        dir
    }

    pub fn xtask(&self, args: &[&str]) -> Seen {
        Seen::of(&self.command(args).output().unwrap())
    }
}

/// What a command said.
pub struct Seen {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Seen {
    pub fn of(output: &Output) -> Seen {
        Seen {
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// It ended with `code`, and its messages hold all of these words.
    #[track_caller]
    pub fn is(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{}{}", self.out, self.err);
        for word in words {
            assert!(
                self.err.contains(word) || self.out.contains(word),
                "no `{word}` in\n{}{}",
                self.out,
                self.err
            );
        }
    }
}
