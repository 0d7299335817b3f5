//! Parts that are soldered onto a board or plugged into it.

pub mod camera;
pub mod choice;
pub mod dht22;
pub mod ds18b20;
pub mod eeprom;
pub mod encoder;
pub mod fitted;
pub mod i2c_target;
pub mod on_nets;
pub mod psram;
pub mod sd_card;
pub mod spi_flash;
pub mod ssd1306;
pub mod tft;
pub mod w25q64;
pub mod ws2812;
