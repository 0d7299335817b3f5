//! `bench silicon`: figures that others measured on real boards beside those of the virtual board. `docs/silicon.md` is made
//! of it if it is told where the images are, which are no part of the project (`--images FOLDER`).

mod images;
mod page;
mod rows;

use anyhow::{Context, Result, ensure};
use images::{IMAGES, Image};
use rows::{ROWS, Row};
use std::fs;
use std::path::Path;
use xtask::project::Project;
use xtask::say;
use xtask::variant::Variant;

/// The models, the better one last.
const MODELS: [&str; 2] = ["fast", "full"];

/// What silicon takes and what each model says.
struct Line<'a, T> {
    of: &'a T,
    found: [f64; MODELS.len()],
}

pub fn run(project: &Project, variant: &Variant, folder: Option<&Path>) -> Result<()> {
    let mut rows: Vec<Line<Row>> = Vec::new();
    for row in ROWS {
        let mut found = [0.0; MODELS.len()];
        for (found, model) in found.iter_mut().zip(MODELS) {
            *found = rows::measure(project, variant, row, model).with_context(|| row.what.to_owned())?;
        }
        rows.push(Line { of: row, found });
    }
    let Some(folder) = folder else {
        print!("{}", page::rows(&rows));
        say::line(
            "   left out: the images of MLPerf Tiny; `--images FOLDER` says where they are, and then docs/silicon.md is written",
        );
        return Ok(());
    };
    let mut images: Vec<Line<Image>> = Vec::new();
    for image in IMAGES {
        say::line(format!("   {}", image.name));
        let mut found = [0.0; MODELS.len()];
        for (found, model) in found.iter_mut().zip(MODELS) {
            *found = images::measure(project, folder, image, model)
                .with_context(|| image.name.to_owned())?
                .with_context(|| format!("{} has no {}.bin", folder.display(), image.name))?;
        }
        images.push(Line { of: image, found });
    }
    ensure!(!images.is_empty(), "no image was measured");
    let text = page::page(&images, &rows);
    let path = project.root.join("docs/silicon.md");
    fs::write(&path, &text).with_context(|| format!("writing {}", path.display()))?;
    println!("{text}");
    say::line(format!("   written to {}", path.display()));
    Ok(())
}
