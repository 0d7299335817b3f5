//! The boot loader of a board: what it shows a host, what it writes and what it refuses.

use crate::loader::{Bench, DOWNLOAD_IDLE, ERROR, MANIFEST};
use chipmodel::onchip::flash::SECTOR_BYTES;
use vboard::core::cpu::Reg;
use vboard::ends::usb::{Outcome, Request};
use vboard::{Picos, Until};

#[test]
fn a_blank_board_shows_itself_and_says_why() {
    let mut bench = Bench::blank();
    let device = bench.device();
    assert_eq!(device.id(), (0x1209, 0x0002));
    let [maker, product, _] = device.texts.clone();
    assert_eq!(maker.as_deref(), Some("spiram"));
    assert_eq!(product.as_deref(), Some("spiram boot loader: no program"));
    let said = bench.said();
    assert!(said.contains("no program (DEVEBOX STM32H7XX)"), "{said}");
    // Each memory's name.
    let names: Vec<String> = (4..6).map(|n| bench.text(n)).collect();
    assert_eq!(
        names,
        [
            "@Internal Flash   /0x08000000/06*008Ka,186*008Kg,64*008Ka",
            "@File system   /0x08180000/64*008Kg"
        ]
    );
    // One interface with two settings, and the functional descriptor: 2048 bytes, DFU 1.1a.
    let tail = &device.configuration[9..];
    assert_eq!(tail[..9], [9, 4, 0, 0, 0, 0xFE, 1, 2, 4]);
    assert_eq!(tail[9..18], [9, 4, 0, 1, 0, 0xFE, 1, 2, 5]);
    assert_eq!(tail[18..], [9, 0x21, 0x0B, 0xFF, 0, 0, 8, 0x1A, 1]);
}

#[test]
fn what_is_written_can_be_read_and_is_in_the_flash() {
    let mut bench = Bench::blank();
    let image: Vec<u8> = (0..20_000u32).map(|n| (n * 7 + n / 256) as u8).collect();
    let begun = bench.machine.now();
    bench.download(0x0800_E000, &image);
    let took_ms = (bench.machine.now() - begun).0 / 1_000_000_000;
    println!("{} bytes in {took_ms} ms", image.len());
    assert!(took_ms < 200, "{took_ms} ms");
    assert!(bench.upload(0x0800_E000, image.len()) == image);
    let flash = bench.machine.flash();
    let sector = flash.sector(0xE000 / SECTOR_BYTES);
    assert_eq!(sector[..], image[..SECTOR_BYTES]);
    // Across the border of both banks.
    bench.download(0x080F_E000, &image);
    assert!(bench.upload(0x080F_E000, image.len()) == image);
}

#[test]
fn the_loader_and_the_files_are_refused_and_stay() {
    let mut bench = Bench::blank();
    let before = bench.upload(0x0800_0000, 4096);
    for address in [
        0x0800_0000,
        0x0800_A000,
        0x0818_0000,
        0x081F_E000,
        0x0820_0000,
        0x2000_0000,
    ] {
        assert_eq!(bench.command(0x41, address), (1, ERROR), "{address:#x}");
        bench.clear_status();
        assert_eq!(bench.command(0x21, address), (0, DOWNLOAD_IDLE));
        assert_eq!(bench.block(2, &[0; 64]), (1, ERROR), "{address:#x}");
        bench.clear_status();
    }
    assert!(bench.upload(0x0800_0000, 4096) == before);
    // The files if somebody asks for them.
    bench.select(1);
    bench.download(0x0818_0000, &[0x5A; 3000]);
    assert!(bench.upload(0x0818_0000, 3000) == [0x5A; 3000]);
    assert_eq!(
        bench.command(0x41, 0x0800_C000),
        (1, ERROR),
        "not the program then"
    );
}

#[test]
fn a_word_that_is_not_erased_is_refused_and_stays() {
    let mut bench = Bench::blank();
    bench.download(0x0801_0000, &[0x11; 64]);
    assert_eq!(bench.command(0x21, 0x0801_0030), (0, DOWNLOAD_IDLE));
    assert_eq!(bench.block(2, &[0x22; 32]), (5, ERROR), "errCHECK_ERASED");
    bench.clear_status();
    assert_eq!(bench.upload(0x0801_0000, 64), [0x11; 64]);
    assert!(bench.machine.is_clean(), "{:?}", bench.machine.events());
}

#[test]
fn erasing_all_leaves_loader_and_files_and_tells_honest_times() {
    let mut bench = Bench::blank();
    bench.select(1);
    bench.download(0x0818_0000, &[0x5A; 64]);
    bench.select(0);
    for address in [0x0800_C000, 0x0817_E000] {
        bench.download(address, &[0x5A; 64]);
    }
    let loader = bench.upload(0x0800_0000, 2048);
    bench.send(0, &[0x41]);
    let begun = bench.machine.now();
    let (_, first_ms, _) = bench.status();
    assert_eq!(first_ms, 186 * 3);
    bench.pass(u64::from(first_ms));
    assert_eq!(bench.status(), (0, 0, DOWNLOAD_IDLE), "it was true");
    assert!((bench.machine.now() - begun).0 / 1_000_000_000 < 580);
    assert_eq!(bench.upload(0x0800_C000, 64), [0xFF; 64]);
    assert_eq!(bench.upload(0x0817_E000, 64), [0xFF; 64]);
    assert_eq!(bench.upload(0x0818_0000, 64), [0x5A; 64]);
    assert!(bench.upload(0x0800_0000, 2048) == loader);
}

#[test]
fn leaving_without_a_program_comes_back() {
    let mut bench = Bench::blank();
    bench.command(0x21, 0x0800_C000);
    bench.send(0, &[]);
    assert_eq!(bench.status(), (0, 0, MANIFEST));
    bench.until_device();
    assert_eq!(bench.device().id(), (0x1209, 0x0002));
    assert!(bench.said().matches("no program").count() >= 1);
}

#[test]
fn nonsense_of_a_host_harms_nobody() {
    let mut bench = Bench::blank();
    let before = bench.upload(0x0800_0000, 4096);
    let mut draw = chipmodel::noise::Noise::new(1);
    let requests = std::env::var("SPIRAM_USB_REQUESTS")
        .ok()
        .and_then(|text| text.parse().ok());
    for n in 0..requests.unwrap_or(300u32) {
        let mut setup = draw.next().to_le_bytes();
        if draw.next() % 4 > 0 {
            setup[0] = [0x21, 0xA1, 0x21, 0xA1, 0x80, 0x00, 0x01, 0x81][draw.next() as usize % 8];
            setup[1] = (draw.next() % 12) as u8;
            setup[3] = 0;
            (setup[4], setup[5]) = (0, 0);
            setup[7] &= 7;
        }
        // A new address would be kept by the device and not by the host.
        if setup[0] == 0 && setup[1] == 5 {
            setup[1] = 9;
        }
        let wanted = u16::from_le_bytes([setup[6], setup[7]]);
        let mut data = vec![
            draw.next() as u8;
            if setup[0] & 0x80 == 0 {
                usize::from(wanted)
            } else {
                0
            }
        ];
        if let Some(first) = data.first_mut().filter(|_| setup[2] % 3 == 0) {
            *first = [0x21, 0x41, 0x92, 0x00][draw.next() as usize % 4];
        }
        let id = bench.host(|host| host.submit(Request::Control { setup, data }));
        bench.pass(1 + draw.next() % 3);
        bench.host(|host| host.cancel(id));
        bench.host(|host| while host.take_finished().is_some() {});
        if n % 150 == 149 {
            let now = bench.machine.now();
            bench.host(|host| host.reset(now));
            bench.pass(700);
            bench.until_device();
            assert_eq!(bench.device().id(), (0x1209, 0x0002), "after {n} requests");
        }
    }
    bench.select(0);
    bench.clear_status();
    assert!(bench.upload(0x0800_0000, 4096) == before);
    bench.download(0x0801_0000, &[0x11; 64]);
    assert_eq!(bench.upload(0x0801_0000, 64), [0x11; 64]);
    assert!(matches!(
        bench.control([0xA1, 5, 0, 0, 0, 0, 1, 0]),
        Outcome::Done { .. }
    ));
}

#[test]
fn a_start_through_the_loader_takes_milliseconds() {
    let mut bench = Bench::off("devebox");
    let begun = bench.machine.now();
    while bench.machine.register(Reg::Pc) < 0x0800_C000 {
        let end = bench.machine.now() + Picos(100_000_000);
        bench.machine.run(Until::time(end));
    }
    let took_us = (bench.machine.now() - begun).0 / 1_000_000;
    println!("the loader takes {took_us} us");
    assert!(took_us < 40_000, "{took_us} us");
}
