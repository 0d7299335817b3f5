//! The display in the board's connector.

use super::Chip;
use crate::board::{Board, Display, Level};
use chipmodel::Effects;
use chipmodel::parts::tft::{KINDS, Kind, Tft};

impl Chip {
    /// The display, where the board has one.
    pub(super) fn fit_display(&mut self, board: &Board) -> Result<(), String> {
        let Some((display, part)) = board
            .display
            .as_ref()
            .and_then(|display| Some((display, display.part.as_ref()?)))
        else {
            return Ok(());
        };
        self.put_display(display, part)
    }

    /// Plug a display of this kind into a connector.
    fn put_display(&mut self, display: &Display, kind: &str) -> Result<(), String> {
        let Some(kind) = Kind::named(kind) else {
            let known: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
            return Err(format!(
                "there is no display `{kind}`; there are: {}",
                known.join(", ")
            ));
        };
        let lit_by = display.backlight_active == Level::High;
        let model = Tft::new(kind, display.miso.is_some(), lit_by);
        let mut at = vec![
            (display.cs, "CS#"),
            (display.sck, "SCL"),
            (display.mosi, "SDA"),
            (display.dc, "DC"),
            (display.backlight, "BLK"),
        ];
        at.extend(display.miso.map(|pin| (pin, "SDO")));
        self.parts.take_off("display");
        self.parts.fit("display", Box::new(model), &at, &mut self.nets);
        Ok(())
    }

    /// Plug another display into the board's connector.
    ///
    /// # Errors
    /// If the board has no connector, or if there is no display of this kind.
    pub fn change_display(&mut self, board: &Board, kind: &str, fx: &mut Effects) -> Result<(), String> {
        let Some(display) = &board.display else {
            return Err(format!("{} has no connector for a display", board.name));
        };
        self.put_display(display, kind)?;
        let pins = [
            display.cs,
            display.sck,
            display.mosi,
            display.dc,
            display.backlight,
        ];
        for pin in pins.into_iter().chain(display.miso) {
            self.settle_pin(pin, fx);
        }
        self.find_frame_lines();
        Ok(())
    }
}
