//! `--frames`: what stands before the camera, from PNG files.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use png::{ColorType, Decoder, Transformations};
use vboard::ends::End;
use vboard::ends::frames::{Album, Frame};
use vboard::{Machine, Picos};

use crate::failure::Failure;

/// A 30th of a second.
const EACH: Picos = Picos(33_333_333_333);

/// Puts the pictures before the camera.
pub fn show(machine: &mut Machine, path: &Path) -> Result<(), Failure> {
    let mut files = vec![path.to_owned()];
    if path.is_dir() {
        files = pictures(path)?;
    }
    let frames: Result<Vec<Frame>, Failure> = files.iter().map(|file| read(file)).collect();
    let album = Album::new(frames?, EACH).ok_or_else(|| {
        Failure::new(format!("folder {} holds no .png", path.display()))
            .hint("ffmpeg -i VIDEO -vf scale=320:240 FOLDER/%05d.png makes them of a video")
    })?;
    let attached = machine.attach("camera", Some(End::Frames(Box::new(album))));
    attached.map_err(|error| Failure::new(error.to_string()))
}

fn pictures(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let unread = |error| Failure::new(format!("folder {} cannot be read: {error}", folder.display()));
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(unread)? {
        let file = entry.map_err(unread)?.path();
        if file
            .extension()
            .is_some_and(|ending| ending.eq_ignore_ascii_case("png"))
        {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}

fn read(path: &Path) -> Result<Frame, Failure> {
    let failed = |what: String| Failure::new(format!("picture {}: {what}", path.display()));
    let file = File::open(path).map_err(|error| failed(error.to_string()))?;
    let mut decoder = Decoder::new(BufReader::new(file));
    decoder.set_transformations(Transformations::normalize_to_color8());
    let wrong = |error: png::DecodingError| failed(format!("{error}; PNG files are read"));
    let mut reader = decoder.read_info().map_err(wrong)?;
    let size = reader
        .output_buffer_size()
        .ok_or_else(|| failed("it is too large".into()))?;
    let mut bytes = vec![0; size];
    let info = reader.next_frame(&mut bytes).map_err(wrong)?;
    let bytes = &bytes[..info.buffer_size()];
    // Colours as they are, whatever shines through.
    let rgb: Vec<u8> = match info.color_type {
        ColorType::Grayscale => bytes.iter().flat_map(|grey| [*grey; 3]).collect(),
        ColorType::GrayscaleAlpha => bytes.chunks(2).flat_map(|pixel| [pixel[0]; 3]).collect(),
        ColorType::Rgba => bytes
            .chunks(4)
            .flat_map(|pixel| [pixel[0], pixel[1], pixel[2]])
            .collect(),
        _ => bytes.to_vec(),
    };
    let side =
        |side: u32| u16::try_from(side).map_err(|_| failed(format!("{side} pixels are more than 65535")));
    Ok(Frame {
        width: side(info.width)?,
        height: side(info.height)?,
        rgb: rgb.into(),
    })
}
