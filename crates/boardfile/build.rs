//! Lists the files of `board/`, so that a new board is a new file and nothing else.

use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let folder = Path::new("../../board");
    println!("cargo::rerun-if-changed={}", folder.display());
    if let Err(message) = list(folder) {
        println!("cargo::error={message}");
    }
}

fn list(folder: &Path) -> Result<(), String> {
    let at = |e: std::io::Error| format!("{}: {e}", folder.display());
    let folder_path = folder.canonicalize().map_err(at)?;
    let mut files: Vec<PathBuf> = fs::read_dir(&folder_path)
        .map_err(at)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
        .collect();
    files.sort();
    let mut code =
        String::from("/// Name and text of each file in `board/`.\nconst FILES: &[(&str, &str)] = &[\n");
    for file in files {
        println!("cargo::rerun-if-changed={}", file.display());
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        code += &format!(
            "    ({name:?}, include_str!({:?})),\n",
            file.display().to_string()
        );
    }
    code += "];\n";
    let out = env::var("OUT_DIR").map_err(|e| e.to_string())?;
    fs::write(Path::new(&out).join("files.rs"), code).map_err(|e| e.to_string())
}
