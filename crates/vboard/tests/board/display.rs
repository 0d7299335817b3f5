//! The firmware's display driver and the displays' models, dot by dot: each written from the data sheets, neither from the other.

use crate::session::Session;
use vboard::Picture;
use vboard::board::Board;

type Colour = [u8; 3];
const WHITE: Colour = [255; 3];
const BLACK: Colour = [0; 3];
const RED: Colour = [255, 0, 0];
const GREEN: Colour = [0, 255, 0];
const BLUE: Colour = [0, 0, 255];

/// A white border of one dot, and within its corners a red, a green and a blue one: upper left, upper right, lower left.
const PAINT: &str = concat!(
    "exec(\"def show(d):\\n w,h=d.width(),d.height()\\n i=image.Image(w,h,image.RGB565)\\n",
    " i.draw_rectangle(0,0,w,h,color=(255,255,255))\\n i.set_pixel(1,1,(255,0,0))\\n",
    " i.set_pixel(w-2,1,(0,255,0))\\n i.set_pixel(1,h-2,(0,0,255))\\n d.write(i)\\n d.bus_write(0)\\n\")"
);

fn at_prompt(board: &str) -> Session {
    let mut session = Session::new(board, "none");
    session.until_prompt();
    tell(&mut session, "import display, image, lcd");
    tell(&mut session, PAINT);
    session
}

#[track_caller]
fn tell(session: &mut Session, line: &str) {
    assert_eq!(session.ask(line), "", "{line}");
}

/// What is within the corners: upper left, upper right, lower left, lower right; the border is white, all else black.
#[track_caller]
fn corners(picture: &Picture, what: &str) -> [Colour; 4] {
    let Picture { width, height, .. } = *picture;
    let places = [(1, 1), (width - 2, 1), (1, height - 2), (width - 2, height - 2)];
    for y in 0..height {
        for x in 0..width {
            let is_border = x == 0 || y == 0 || x == width - 1 || y == height - 1;
            let expected = if is_border { WHITE } else { BLACK };
            if !places.contains(&(x, y)) {
                assert_eq!(picture.at(x, y), expected, "{what}: {x}, {y}");
            }
        }
    }
    places.map(|(x, y)| picture.at(x, y))
}

#[track_caller]
fn shown(session: &mut Session, arguments: &str) -> [Colour; 4] {
    tell(session, &format!("d=display.SPIDisplay({arguments})"));
    tell(session, "show(d)");
    corners(&session.machine.picture().unwrap(), arguments)
}

#[test]
fn each_controller_shows_what_is_drawn_however_it_is_turned() {
    let mut session = at_prompt("devebox");
    let board = Board::named("devebox").unwrap();
    // A mirrored picture shows whether the panel's offset is counted from the right end; each controller is turned once.
    for (kind, controller, [w, h], mirrors, turns) in [
        ("st7735r-160x80", "ST7735R", [160, 80], true, true),
        ("st7735r-128x160", "ST7735R", [128, 160], false, false),
        ("st7789-240x240", "ST7789", [240, 240], true, false),
        ("ili9341-320x240", "ILI9341", [320, 240], false, true),
    ] {
        session.machine.put_display(&board, kind).unwrap();
        let asked = format!("{w},{h},controller=display.{controller}");
        let seen = shown(&mut session, &asked);
        assert_eq!(seen, [RED, GREEN, BLUE, BLACK], "{kind}");
        if mirrors {
            let seen = shown(&mut session, &format!("{asked},hmirror=True"));
            assert_eq!(seen, [GREEN, RED, BLACK, BLUE], "{kind}, left for right");
            let seen = shown(&mut session, &format!("{asked},vflip=True"));
            assert_eq!(seen, [BLUE, BLACK, RED, GREEN], "{kind}, upside down");
        }
        if turns {
            // To the right: what is its upper left is the upper right of the glass.
            let seen = shown(&mut session, &format!("{h},{w},controller=display.{controller}"));
            assert_eq!(seen, [BLUE, RED, BLACK, GREEN], "{kind}, turned");
        }
    }
    assert!(
        session.machine.events().is_empty(),
        "{:?}",
        session.machine.events()
    );
}

#[test]
fn the_three_switches_of_colour_are_three() {
    let mut session = at_prompt("devebox");
    let board = Board::named("devebox").unwrap();
    session.machine.put_display(&board, "st7735r-160x80").unwrap();
    let asked = "160,80,controller=display.ST7735R";
    assert_eq!(
        shown(&mut session, &format!("{asked},bgr=False")),
        [BLUE, GREEN, RED, BLACK]
    );
    // 0xF800 as 0x00F8, 0x07E0 as 0xE007, 0x001F as 0x1F00.
    assert_eq!(
        shown(&mut session, &format!("{asked},byte_swap=True")),
        [[0, 28, 199], [231, 0, 56], [24, 227, 0], BLACK]
    );
    tell(&mut session, "d.bus_write(0x20)");
    let negative = session.machine.picture().unwrap();
    assert_eq!(negative.at(0, 0), BLACK);
    assert_eq!(negative.at(5, 5), WHITE);
}

#[test]
fn the_board_with_a_panel_needs_no_word_about_it() {
    let mut session = at_prompt("weact");
    let dark = |session: &Session| {
        session
            .machine
            .picture()
            .unwrap()
            .rgb
            .iter()
            .all(|byte| *byte == 0)
    };
    assert!(dark(&session));
    tell(&mut session, "lcd.init()");
    assert_eq!(
        session.ask("lcd.type(),lcd.width(),lcd.height(),lcd.refresh()"),
        "(1, 160, 80, 39)"
    );
    tell(&mut session, "i=image.Image(20,10,image.GRAYSCALE)");
    tell(
        &mut session,
        "i.draw_rectangle(0,0,20,10,color=255,fill=True) and None",
    );
    tell(&mut session, "lcd.display(i,x_scale=8,y_scale=8)");
    tell(&mut session, "lcd.clear()");
    tell(&mut session, "lcd.display(i,x_scale=8,y_scale=8)");
    tell(&mut session, "import time");
    tell(&mut session, "time.sleep_ms(60)");
    assert!(
        session
            .machine
            .picture()
            .unwrap()
            .rgb
            .iter()
            .all(|byte| *byte == 255)
    );
    tell(&mut session, "lcd.set_backlight(0)");
    assert!(dark(&session));
    tell(&mut session, "lcd.set_backlight(255)");
    assert!(!dark(&session));
    tell(&mut session, "lcd.deinit()");
    assert!(dark(&session));
    assert_eq!(
        session.ask("lcd.width()").lines().last(),
        Some("ValueError: there is no display yet: lcd.init() makes one")
    );
}
