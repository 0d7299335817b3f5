//! `build`: each board's firmware in the formats that tools want, in `dist/`.

use crate::image::{Image, LOADER, ROM, dfuse};
use crate::{firmware, project::Project, say, setup, variant::Variant};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::Path;
use std::process::ExitCode;

/// What the firmware has of the flash (firmware/memory.x).
const ROOMS: [(&str, u32, u32); 3] = [
    ("boot loader", 0x0800_0000, 48 << 10),
    ("program", 0x0800_C000, 976 << 10),
    ("vision", 0x0810_0000, 512 << 10),
];

pub const ARGS: &str = "[--board B] [--timing T] [--part P]";

pub fn main(project: &Project, mut args: lexopt::Parser) -> Result<ExitCode> {
    let mut boards = project.boards()?;
    let mut variant = Variant::default();
    while let Some(arg) = args.next()? {
        match arg {
            lexopt::Arg::Long("board") => {
                let board = args.value()?.to_string_lossy().into_owned();
                project.check_board(&board)?;
                boards = vec![board];
            }
            lexopt::Arg::Long(option) if Variant::OPTIONS.contains(&option) => {
                let option = option.to_owned();
                variant.set(project, &option, &args.value()?.to_string_lossy())?;
            }
            other => bail!(
                "{}; `build` takes: [--board B] {}",
                other.unexpected(),
                Variant::ARGS
            ),
        }
    }
    setup::ensure(project, false)?;
    for board in boards {
        let name = variant.name(&board);
        say::timed(&format!("firmware for {name}"), || {
            firmware::build(project, &board, &variant)
        })?;
        write(&project.elf(&name), &project.root.join("dist"), &name)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes `dist/spiram-<name>.{elf,bin,hex,dfu}`, for ST's loader and probes, and `.update.dfu` for ours.
pub fn write(elf: &Path, dist: &Path, name: &str) -> Result<()> {
    let image = Image::from_elf(elf)?;
    fs::create_dir_all(dist)?;
    let put = |kind: &str, content: &[u8]| -> Result<()> {
        let path = dist.join(format!("spiram-{name}.{kind}"));
        // Two commands may write at once; each file is one's or the other's, and whole.
        let half = path.with_extension(format!("{kind}.half-{}", std::process::id()));
        fs::write(&half, content)
            .and_then(|()| fs::rename(&half, &path))
            .with_context(|| format!("writing {}", path.display()))?;
        say::line(format!("   {:>9} bytes  {}", content.len(), path.display()));
        Ok(())
    };
    put("elf", &fs::read(elf)?)?;
    put("bin", &image.bytes)?;
    put("hex", image.ihex()?.as_bytes())?;
    put("dfu", &dfuse(ROM, &image.everything()))?;
    put("update.dfu", &dfuse(LOADER, &image.program()))?;
    for (what, address, bytes) in ROOMS {
        let used = image.used(address, bytes);
        let percent = used as f64 * 100.0 / f64::from(bytes);
        say::line(format!("   {what}: {used} of {bytes} bytes, {percent:.1} %"));
    }
    Ok(())
}
