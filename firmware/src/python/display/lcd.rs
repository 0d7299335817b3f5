//! The Python module `lcd`: the display as scripts of OpenMV's fourth generation have it, by functions.

use super::{Asked, SPIDisplay, deinit, open, refresh};
use h7a3::screen::panel::Look;
use upy::{Arguments, Error, Obj, Result, Value, args, convert, fun, held, module};

/// Where the collector finds the display: before the camera's place.
const PLACE: usize = held::PLACES - 2;

module! {
    lcd_module = lcd {
        init: fun!(keywords 0.., init),
        deinit: fun!(0, end),
        width: fun!(0, || with(|this| Ok(u32::from(this.size[0])))),
        height: fun!(0, || with(|this| Ok(u32::from(this.size[1])))),
        r#type: fun!(0, kind),
        refresh: fun!(0, || with(refresh)),
        set_backlight: fun!(1, set_backlight),
        get_backlight: fun!(0, || with(|this| Ok(u32::from(this.lit.get())))),
        display: fun!(keywords 0.., display),
        clear: fun!(0..=1, wipe),
        LCD_NONE: Value::int(0),
        LCD_SHIELD: Value::int(1),
        LCD_DISPLAY: Value::int(2),
    }
}

/// At the start of each run there is none.
pub fn start() {
    held::hold(PLACE, None);
}

/// `init(type=1, *, width=None, height=None, refresh=0, bgr=None, byte_swap=False, hmirror=False, vflip=False, triple_buffer=False,
/// controller=None, backlight=None)`: type 0 is none; 1 and 2, which boards used for their own panels, are the connector's.
fn init(arguments: Arguments) -> Result<()> {
    args!(arguments => r#type: u32 = 1, *, width: Option<u16> = None, height: Option<u16> = None, refresh: u32 = 0,
        bgr: Option<bool> = None, byte_swap: bool = false, hmirror: bool = false, vflip: bool = false,
        triple_buffer: bool = false, controller: Option<Obj> = None, backlight: Option<Obj> = None);
    end()?;
    match r#type {
        0 => return Ok(()),
        1 | 2 => {}
        _ => {
            return Err(Error::Value(
                c"type is 0 for none, or 1 or 2 for the display on the board's connector",
            ));
        }
    }
    let object = open(Asked {
        width,
        height,
        refresh,
        bgr,
        swapped: byte_swap,
        look: Look {
            turned: false,
            hmirror,
            vflip,
        },
        triple_buffer,
        controller,
        own_light: backlight.unwrap_or(Obj::NONE),
    })?;
    held::hold(PLACE, Some(object));
    Ok(())
}

/// The display. ValueError if there is none.
fn object() -> Result<Obj> {
    held::get(PLACE).ok_or(Error::Value(c"there is no display yet: lcd.init() makes one"))
}

fn with<R>(then: impl FnOnce(&SPIDisplay) -> Result<R>) -> Result<R> {
    then(convert("display", &object()?)?)
}

fn end() -> Result<()> {
    if let Some(object) = held::get(PLACE) {
        deinit(convert("display", &object)?)?;
        held::hold(PLACE, None);
    }
    Ok(())
}

/// `type()`
fn kind() -> Result<u32> {
    Ok(held::get(PLACE).is_some().into())
}

/// `set_backlight(value)`
fn set_backlight(value: u8) -> Result<()> {
    with(|this| this.set_light(value))
}

/// `display(image, x=0, y=0, *, ...)`, as of `SPIDisplay.write`.
fn display(arguments: Arguments) -> Result<()> {
    with(|this| this.write(arguments))
}

/// `clear(display_off=False)`
fn wipe(arguments: Arguments) -> Result<()> {
    with(|this| this.clear(arguments))
}
