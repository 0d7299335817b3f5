//! Any bytes as a file of any kind: no panic, and no more memory than the head names.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vision::codec::{bmp, imageio, jpeg, png, pnm};
use vision::find::Cascade;
use vision::{Scratch, ViewMut};

fuzz_target!(|file: &[u8]| {
    let infos = [jpeg::info(file), png::info(file), bmp::info(file), pnm::info(file)];
    for (index, info) in infos.into_iter().enumerate() {
        let Ok(info) = info else { continue };
        // What a chip can hold.
        if info.width * info.height > 1 << 20 {
            continue;
        }
        let mut data = vec![0; info.format.image_bytes(info.width, info.height)];
        let mut image = ViewMut::new(&mut data, info.width, info.height, info.format).expect("the head was checked");
        let _ = match index {
            0 => jpeg::decode(file, &mut image),
            1 => {
                let mut memory = vec![0; png::decode_scratch(file).expect("the head was checked")];
                png::decode(file, &mut image, Scratch::new(&mut memory))
            }
            2 => bmp::decode(file, &mut image),
            _ => pnm::decode(file, &mut image),
        };
    }
    let _ = imageio::read_head(file);
    let _ = Cascade::new(file, None);
});
