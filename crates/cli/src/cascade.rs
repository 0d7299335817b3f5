//! `spiram cascade`: OpenCV's XML of a cascade as the file that `image.HaarCascade` reads.
//!
//! Thresholds of nodes count in 4096ths, all that is summed up in 256ths, cut to whole numbers: that is how OpenMV's files are.

mod xml;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::failure::Failure;
use xml::{Node, Stage};

#[derive(clap::Args)]
pub struct Args {
    /// OpenCV's file, haarcascade_frontalface_default.xml or another one of features of the kind HAAR
    #[arg(value_name = "XML")]
    from: PathBuf,

    /// The file to be written: NAME.cascade, for /flash on the board
    #[arg(value_name = "CASCADE")]
    to: PathBuf,

    /// Write only so many stages: a smaller file that finds more, things that are none included
    #[arg(long, value_name = "N")]
    stages: Option<usize>,
}

pub fn run(args: &Args) -> Result<ExitCode, Failure> {
    let name = args.from.display();
    let text = fs::read_to_string(&args.from).map_err(|error| {
        Failure::new(format!("cannot read {name}: {error}")).hint(
            "OpenCV's cascades are in its folder data/haarcascades; on Debian in the package opencv-data",
        )
    })?;
    let mut cascade = xml::read(&text).map_err(|what| {
        Failure::new(format!("{name}: {what}"))
            .hint("haarcascade_frontalface_default.xml, haarcascade_frontalface_alt.xml and haarcascade_eye.xml are of the kind that works")
    })?;
    cascade.stages.truncate(args.stages.unwrap_or(usize::MAX));
    let bytes =
        file(cascade.window, &cascade.stages).map_err(|what| Failure::new(format!("{name}: {what}")))?;
    fs::write(&args.to, &bytes)
        .map_err(|error| Failure::new(format!("cannot write {}: {error}", args.to.display())))?;
    let nodes: usize = cascade.stages.iter().map(|stage| stage.nodes.len()).sum();
    println!(
        "{}: {} bytes, {} stages of {nodes} features for a window of {} x {}",
        args.to.display(),
        bytes.len(),
        cascade.stages.len(),
        cascade.window.0,
        cascade.window.1
    );
    Ok(ExitCode::SUCCESS)
}

/// The bytes of the file.
fn file(window: (u8, u8), stages: &[Stage]) -> Result<Vec<u8>, String> {
    let nodes: Vec<&Node> = stages.iter().flat_map(|stage| &stage.nodes).collect();
    let mut file = Vec::new();
    for word in [window.0.into(), window.1.into(), stages.len() as u32] {
        file.extend(u32::to_le_bytes(word));
    }
    for stage in stages {
        let count = u8::try_from(stage.nodes.len());
        file.push(count.map_err(|_| "a stage has more than 255 features".to_owned())?);
    }
    // The reader of OpenMV 5 expects the numbers at a multiple of four.
    file.resize(file.len().next_multiple_of(4), 0);
    let mut short = |value: f64, parts: f64| -> Result<(), String> {
        let whole = (value * parts).trunc();
        if !(f64::from(i16::MIN)..=f64::from(i16::MAX)).contains(&whole) {
            return Err(format!(
                "{value} is beyond the 16 bits of the format, which holds {parts}ths"
            ));
        }
        file.extend((whole as i16).to_le_bytes());
        Ok(())
    };
    for stage in stages {
        short(stage.threshold, 256.0)?;
    }
    for node in &nodes {
        short(node.threshold, 4096.0)?;
    }
    for side in [0, 1] {
        for node in &nodes {
            short(node.leaves[side], 256.0)?;
        }
    }
    let rectangles = || nodes.iter().flat_map(|node| &node.rectangles);
    file.extend(nodes.iter().map(|node| node.rectangles.len() as u8));
    file.extend(rectangles().map(|(_, weight)| *weight as u8));
    file.extend(rectangles().flat_map(|(place, _)| place));
    Ok(file)
}
