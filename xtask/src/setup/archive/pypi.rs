//! A source package of the Python package index, through pip with an environment of its own: a user's mirror, proxy and
//! certificates count, and the system's packages are left alone.
//!
//! pip asks a source package's own builder for its name before it hands the archive over, and would fetch that builder and
//! what it needs, ten times the archive. Ours answers instead, and nothing of the package is run.

use super::LITTLEFS;
use crate::interrupt::Leftover;
use crate::{process, project::Project, say};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::Path;
use std::process::Command;

const PACKAGE: &str = "littlefs-python";
const VERSION: &str = "0.19.0";

/// Stands where pip looks for setuptools: says name and version, and builds nothing.
fn builder() -> String {
    let info = format!("{}-{VERSION}.dist-info", PACKAGE.replace('-', "_"));
    let metadata = format!("Metadata-Version: 2.1\\nName: {PACKAGE}\\nVersion: {VERSION}\\n");
    format!(
        "import os, sys\n\
         __legacy__ = sys.modules[__name__]\n\
         def get_requires_for_build_wheel(config_settings=None):\n    return []\n\
         def prepare_metadata_for_build_wheel(folder, config_settings=None):\n    \
             os.mkdir(os.path.join(folder, '{info}'))\n    \
             with open(os.path.join(folder, '{info}', 'METADATA'), 'w') as f:\n        \
                 f.write('{metadata}')\n    \
             return '{info}'\n"
    )
}

/// Fetches littlefs.
pub fn littlefs(project: &Project, archive: &Path) -> Result<()> {
    let Some(python) = process::which("python3") else {
        bail!("it comes through pip, and there is no python3 here");
    };
    say::line(format!(
        "  pip      {PACKAGE} {VERSION}, its source, about {} MB, {} MB unpacked",
        LITTLEFS.download_mb, LITTLEFS.disk_mb
    ));
    let place = Leftover::new(project.deps().join("pip"));
    let (venv, builders) = (place.path().join("venv"), place.path().join("builder"));
    let setuptools = builders.join("setuptools");
    fs::create_dir_all(&setuptools).with_context(|| format!("making {}", setuptools.display()))?;
    fs::write(setuptools.join("__init__.py"), "")?;
    fs::write(setuptools.join("build_meta.py"), builder())?;
    process::output(Command::new(python).args(["-m", "venv"]).arg(&venv))
        .context("python3 cannot make a virtual environment")?;
    let mut pip = Command::new(venv.join("bin/python3"));
    pip.args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check"])
        .args(["--no-deps", "--no-build-isolation", "--no-binary", PACKAGE])
        .arg("--dest")
        .arg(place.path())
        .arg(format!("{PACKAGE}=={VERSION}"))
        .env("PYTHONPATH", &builders)
        .env_remove("PYTHONHOME");
    process::output(&mut pip).map_err(|error| reason(&format!("{error:#}")))?;
    fs::rename(place.path().join(LITTLEFS.file), archive).context("pip left no archive")?;
    Ok(())
}

/// What pip gives as errors, without what it says on the way there.
fn reason(said: &str) -> anyhow::Error {
    let errors: Vec<&str> = said.lines().filter(|line| line.starts_with("ERROR: ")).collect();
    match errors.is_empty() {
        true => anyhow::anyhow!("{said}"),
        false => anyhow::anyhow!("pip says: {}", errors.join(" / ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_all_that_pip_says_the_errors_are_told() {
        let said = "`python3 -m pip` failed with exit status: 1\nWARNING: Retrying (1)\nERROR: No matching distribution\n";
        assert_eq!(
            reason(said).to_string(),
            "pip says: ERROR: No matching distribution"
        );
        assert_eq!(reason("killed").to_string(), "killed");
    }

    /// pip calls it as a builder of packages.
    #[test]
    fn the_builder_names_the_package() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("builder.py"), builder()).unwrap();
        let call = "import builder; print(builder.__legacy__.prepare_metadata_for_build_wheel('.'))";
        let said = process::answer(
            Command::new("python3")
                .current_dir(dir.path())
                .env("PYTHONPATH", dir.path())
                .args(["-c", call]),
        );
        let folder = "littlefs_python-0.19.0.dist-info";
        assert_eq!(said.unwrap().trim_end(), folder);
        let metadata = fs::read_to_string(dir.path().join(folder).join("METADATA")).unwrap();
        assert!(
            metadata.ends_with("Name: littlefs-python\nVersion: 0.19.0\n"),
            "{metadata}"
        );
        assert!(LITTLEFS.file.ends_with("-0.19.0.tar.gz") && LITTLEFS.what.contains(VERSION));
    }
}
