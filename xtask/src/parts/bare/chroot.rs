//! A bare Debian in a folder. All mounts are in a name space of the command, and gone with it.

use crate::setup::aptsources;
use crate::{process, project::Project, say};
use anyhow::{Context, Result, bail, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const USER: &str = "1000";
const HOME: &str = "home/me";
/// With a blank, as some people's are.
const CHECKOUT: &str = "home/me/my spiram";

pub struct Chroot {
    pub root: PathBuf,
}

/// What a command in a chroot said, stdout and stderr together.
pub struct Seen {
    pub code: Option<i32>,
    pub text: String,
}

impl Seen {
    pub fn ended_with(&self, code: i32) -> Result<()> {
        ensure!(
            self.code == Some(code),
            "expected exit code {code}, found {:?}:\n{}",
            self.code,
            self.tail()
        );
        Ok(())
    }

    pub fn says(&self, words: &str) -> Result<()> {
        ensure!(self.text.contains(words), "no `{words}` in\n{}", self.tail());
        Ok(())
    }

    pub fn tail(&self) -> String {
        let lines: Vec<&str> = self.text.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }
}

impl Chroot {
    pub fn at(suite: &str) -> Chroot {
        let dir = std::env::var_os("SPIRAM_BARE_DIR").map(PathBuf::from);
        let dir = dir.unwrap_or_else(|| std::env::temp_dir().join("spiram-bare"));
        Chroot {
            root: dir.join(suite),
        }
    }

    pub fn is_made(&self) -> bool {
        self.root.join(CHECKOUT).is_dir()
    }

    pub fn bytes(&self) -> u64 {
        let said = process::output(Command::new("du").args(["-sbx"]).arg(&self.root)).unwrap_or_default();
        said.split_whitespace()
            .next()
            .and_then(|bytes| bytes.parse().ok())
            .unwrap_or_default()
    }

    /// A new one: Debian's smallest, `packages`, Rust as rustup's minimal profile has it, a user, and a clone.
    pub fn make(&self, project: &Project, suite: &str, packages: &[String]) -> Result<()> {
        for program in ["debootstrap", "unshare", "chroot", "du"] {
            process::which(program)
                .with_context(|| format!("this wants root and {program}, which is not here"))?;
        }
        let machine = aptsources::this_machine();
        let mirror = machine
            .first()
            .and_then(aptsources::Source::uri)
            .context("/etc/apt names no Debian archive")?;
        let base = self.root.with_file_name(format!("{suite}.base"));
        if !base.is_dir() {
            let half = self.root.with_file_name(format!("{suite}.half"));
            let _ = fs::remove_dir_all(&half);
            fs::create_dir_all(&half)?;
            say::line(format!("   debootstrap {suite} into {}", base.display()));
            process::output(
                Command::new("debootstrap")
                    .args(["--variant=minbase", suite])
                    .arg(&half)
                    .arg(&mirror),
            )?;
            fs::rename(&half, &base)?;
        }
        if self.root.exists() {
            fs::remove_dir_all(&self.root).with_context(|| format!("removing {}", self.root.display()))?;
        }
        process::output(Command::new("cp").arg("-a").arg(&base).arg(&self.root))?;
        self.connect(suite, &mirror)?;
        self.as_root(&format!(
            "apt-get -q update && apt-get -q -y --no-install-recommends install {}",
            packages.join(" ")
        ))?;
        self.as_root("useradd -m -s /bin/bash me && rm -rf /var/cache/apt/archives/*.deb")?;
        self.trust_as_here()?;
        self.copy_rust()?;
        let clone = self.root.join(CHECKOUT);
        process::output(
            Command::new("git")
                .args(["clone", "-q", "--no-hardlinks"])
                .arg(&project.root)
                .arg(clone),
        )?;
        self.as_root("chown -R me:me /home/me")
    }

    /// The same mirror and the same name server as here.
    fn connect(&self, suite: &str, mirror: &str) -> Result<()> {
        let security = mirror.trim_end_matches('/').to_owned() + "-security";
        let list = format!("deb {mirror} {suite} main\ndeb {security} {suite}-security main\n");
        fs::write(self.root.join("etc/apt/sources.list"), list)?;
        for file in ["etc/resolv.conf", "etc/hosts"] {
            let _ = fs::copy(Path::new("/").join(file), self.root.join(file));
        }
        Ok(())
    }

    /// Behind a company's proxy this machine trusts one more certificate.
    fn trust_as_here(&self) -> Result<()> {
        let bundle = "etc/ssl/certs/ca-certificates.crt";
        let here = Path::new("/").join(bundle);
        if here.exists() {
            fs::copy(here, self.root.join(bundle)).context("copying the certificates")?;
        }
        Ok(())
    }

    /// This machine's toolchain, less what the minimal profile leaves out, behind rustup's proxies.
    fn copy_rust(&self) -> Result<()> {
        let sysroot = process::answer(Command::new("rustc").args(["--print", "sysroot"]))?;
        let sysroot = Path::new(sysroot.trim());
        let name = sysroot.file_name().context("rustc's sysroot has no name")?;
        let rustup = process::which("rustup").context("rustup is not here")?;
        let toolchain = self.root.join(HOME).join(".rustup/toolchains").join(name);
        fs::create_dir_all(&toolchain)?;
        for part in ["bin", "lib"] {
            process::output(
                Command::new("cp")
                    .arg("-aL")
                    .arg(sysroot.join(part))
                    .arg(&toolchain),
            )?;
        }
        for program in ["rustfmt", "cargo-fmt", "cargo-clippy", "clippy-driver"] {
            let _ = fs::remove_file(toolchain.join("bin").join(program));
        }
        let settings = format!(
            "version = \"12\"\ndefault_toolchain = {:?}\nprofile = \"minimal\"\n",
            name.to_string_lossy()
        );
        fs::write(self.root.join(HOME).join(".rustup/settings.toml"), settings)?;
        let bin = self.root.join(HOME).join(".cargo/bin");
        fs::create_dir_all(&bin)?;
        for program in [
            "rustup",
            "cargo",
            "rustc",
            "rustdoc",
            "rustfmt",
            "cargo-fmt",
            "cargo-clippy",
        ] {
            process::output(Command::new("cp").arg("-L").arg(&rustup).arg(bin.join(program)))?;
        }
        Ok(())
    }

    pub fn allow_sudo(&self) -> Result<()> {
        self.as_root(
            "apt-get -q -y --no-install-recommends install sudo && rm -f /var/cache/apt/archives/*.deb",
        )?;
        self.as_root("echo 'me ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/me && chmod 440 /etc/sudoers.d/me")
    }

    /// Later commands of the user have this as CARGO_TARGET_DIR.
    pub fn remember_target(&self, dir: &str) -> Result<()> {
        Ok(fs::write(self.root.join("root/target"), dir)?)
    }

    pub fn write_script(&self, text: &str) -> Result<()> {
        Ok(fs::write(self.root.join("tmp/script.py"), text)?)
    }

    pub fn append_to(&self, file: &str, text: &str) -> Result<()> {
        let path = self.root.join(CHECKOUT).join(file);
        let old = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        Ok(fs::write(&path, old + text)?)
    }

    fn as_root(&self, script: &str) -> Result<()> {
        let seen = self.enter(&[], &["sh", "-c", script])?;
        if seen.code != Some(0) {
            bail!(
                "`{script}` in {} ended with {:?}:\n{}",
                self.root.display(),
                seen.code,
                seen.tail()
            );
        }
        Ok(())
    }

    /// cargo, by the user, in the checkout.
    pub fn cargo(&self, args: &[String], more: &[&str]) -> Result<Seen> {
        let mut words = vec!["cargo"];
        words.extend(args.iter().map(String::as_str));
        words.extend(more);
        self.enter(&["--userspec", &format!("{USER}:{USER}")], &words)
    }

    fn enter(&self, options: &[&str], words: &[&str]) -> Result<Seen> {
        // stdin is closed, so that nothing waits for an answer.
        let script = "set -e; root=$1; folder=$2; shift 2; mount -t proc proc \"$root/proc\"; mount --rbind /dev \"$root/dev\"; \
                      exec chroot \"$@\" 2>&1 </dev/null";
        let inner = "folder=$1; shift; if [ -d \"$folder\" ]; then cd \"$folder\"; fi; exec \"$@\"";
        let folder = format!("/{CHECKOUT}");
        let mut command = Command::new("unshare");
        command.args([
            "--mount",
            "--pid",
            "--fork",
            "--kill-child",
            "sh",
            "-c",
            script,
            "enter",
        ]);
        command.arg(&self.root).arg(&folder).args(options).arg(&self.root);
        command.args(["sh", "-c", inner, "inside", &folder]).args(words);
        command.env_clear();
        command
            .env(
                "PATH",
                format!("/{HOME}/.cargo/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
            )
            .env(
                "HOME",
                if options.is_empty() {
                    "/root".to_owned()
                } else {
                    format!("/{HOME}")
                },
            )
            .env("DEBIAN_FRONTEND", "noninteractive")
            .env("TERM", "dumb");
        if let (false, Ok(target)) = (
            options.is_empty(),
            fs::read_to_string(self.root.join("root/target")),
        ) {
            command.env("CARGO_TARGET_DIR", target);
        }
        let output = command.output().context("cannot start unshare")?;
        let text =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        let _ = fs::write(self.root.with_extension("log"), &text);
        Ok(Seen {
            code: output.status.code(),
            text,
        })
    }
}
