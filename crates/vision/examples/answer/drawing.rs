//! Colours, drawing, composing.

use crate::Answer;
use crate::request::{Picture, Request};
use vision::colour::palette;
use vision::compose::{Compose, Hints, Op, Source, compose};
use vision::draw::{self, Ellipse, FloodFill, Text};
use vision::{Paint, Point, Scratch};

fn paint(request: &Request) -> Paint {
    Paint {
        colour: request.get("colour", 0),
        thickness: request.get("thickness", 1),
        fill: request.flag("fill"),
    }
}

pub fn answer(request: &Request, pictures: &mut [Picture]) -> Option<Answer> {
    if request.operation == "colours" {
        return Some(Ok(colours()));
    }
    let (picture, others) = pictures.split_first_mut()?;
    let mut image = picture.view_mut();
    let done = match request.operation.as_str() {
        "line" => {
            draw::line(
                &mut image,
                request.point("from"),
                request.point("to"),
                &paint(request),
            );
            Ok(())
        }
        "rectangle" => {
            draw::rectangle(&mut image, request.region("region")?, &paint(request));
            Ok(())
        }
        "circle" => {
            let radius = request.get("radius", 0);
            draw::circle(&mut image, request.point("centre"), radius, &paint(request));
            Ok(())
        }
        "cross" => {
            let size = request.get("size", 5);
            draw::cross(&mut image, request.point("centre"), size, &paint(request));
            Ok(())
        }
        "ellipse" => {
            let list: Vec<i32> = request.list("ellipse");
            let shape = Ellipse {
                centre: Point::new(list[0], list[1]),
                rx: list[2],
                ry: list[3],
                rotation: list[4],
            };
            draw::ellipse(&mut image, &shape, &paint(request));
            Ok(())
        }
        "text" => {
            let words = request.text("words").replace('_', " ");
            let style = Text {
                scale: request.get("scale", 1.0),
                ..Text::new(request.get("colour", 0))
            };
            draw::text(&mut image, request.point("place"), &words, &style);
            Ok(())
        }
        "flood_fill" => {
            let fill = FloodFill {
                seed: request.point("seed"),
                seed_threshold: request.get("seed_threshold", 0.05),
                floating_threshold: request.get("floating_threshold", 0.05),
                colour: request.get("colour", 0),
                invert: request.flag("invert"),
                clear_background: request.flag("clear"),
            };
            let mut memory = vec![0; 1 << 20];
            draw::flood_fill(&mut image, &fill, None, Scratch::new(&mut memory))
        }
        "compose" => compose(&mut image, &source(request, others), &how(request, others)),
        _ => return None,
    };
    Some(done.map(|()| picture.data.clone()))
}

fn source<'a>(request: &Request, others: &'a [Picture]) -> Source<'a> {
    match others.first() {
        Some(other) => Source::Image(other.view()),
        None => Source::Value(request.get("value", 0)),
    }
}

fn how<'a>(request: &Request, others: &'a [Picture]) -> Compose<'a> {
    let channel = request.get("channel", -1);
    Compose {
        x: request.get("x", 0),
        y: request.get("y", 0),
        x_scale: request.get("x_scale", 1.0),
        y_scale: request.get("y_scale", 1.0),
        roi: request.region("roi"),
        rgb_channel: u8::try_from(channel).ok(),
        alpha: request.get("alpha", 255),
        color_palette: request.flag("palette").then_some(&palette::RAINBOW),
        hints: Hints(request.get("hints", 0)),
        mask: others.get(1).map(Picture::view),
        op: Op::ALL[request.get("op", 0)],
        ..Compose::default()
    }
}

/// For each colour: red, green, blue, luma, L, a, b, Y, U, V.
fn colours() -> Vec<u8> {
    use vision::colour::{lab, rgb565, yuv};
    let mut table = Vec::with_capacity(65536 * 10);
    for colour in 0..=u16::MAX {
        table.extend(rgb565::to_rgb(colour));
        table.push(rgb565::luma(colour));
        let (l, a, b) = lab::from_rgb565(colour);
        table.extend([l as u8, a as u8, b as u8]);
        let (y, u, v) = yuv::from_rgb565(colour);
        table.extend([y, u as u8, v as u8]);
    }
    table
}
