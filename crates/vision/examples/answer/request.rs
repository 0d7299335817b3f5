//! Requests: an operation, its arguments, its images.

use std::collections::HashMap;
use std::io::BufRead;
use std::str::FromStr;
use vision::{Format, Point, Region, View, ViewMut};

/// An operation with its arguments.
pub struct Request {
    pub operation: String,
    arguments: HashMap<String, String>,
}

/// An image with its own bytes.
pub struct Picture {
    pub format: Format,
    pub width: usize,
    pub height: usize,
    pub data: Vec<u8>,
}

impl Picture {
    pub fn view(&self) -> View<'_> {
        View::new(&self.data, self.width, self.height, self.format).expect("the asker sends whole images")
    }

    pub fn view_mut(&mut self) -> ViewMut<'_> {
        ViewMut::new(&mut self.data, self.width, self.height, self.format)
            .expect("the asker sends whole images")
    }
}

fn line(input: &mut impl BufRead) -> Option<String> {
    let mut line = String::new();
    (input.read_line(&mut line).expect("stdin can be read") > 0).then(|| line.trim_end().to_owned())
}

/// The next request, or nothing at the end.
pub fn read(input: &mut impl BufRead) -> Option<(Request, Vec<Picture>)> {
    let words = line(input)?;
    let mut words = words.split(' ');
    let operation = words.next()?.to_owned();
    let arguments = words
        .filter_map(|word| word.split_once('='))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
    let request = Request { operation, arguments };
    let count = request.get("images", 0);
    let pictures = (0..count).map(|_| picture(input)).collect();
    Some((request, pictures))
}

fn picture(input: &mut impl BufRead) -> Picture {
    let words = line(input).expect("an image has a head");
    let words: Vec<&str> = words.split(' ').collect();
    let format = match words[0] {
        "binary" => Format::Binary,
        "grey" => Format::Grey,
        _ => Format::Rgb565,
    };
    let (width, height) = (
        words[1].parse().expect("a width"),
        words[2].parse().expect("a height"),
    );
    let mut data = vec![0; format.image_bytes(width, height)];
    input.read_exact(&mut data).expect("an image has its bytes");
    Picture {
        format,
        width,
        height,
        data,
    }
}

impl Request {
    pub fn text(&self, key: &str) -> &str {
        self.arguments.get(key).map_or("", String::as_str)
    }

    pub fn get<T: FromStr>(&self, key: &str, default: T) -> T {
        match self.arguments.get(key) {
            None => default,
            Some(value) => match value.parse() {
                Ok(value) => value,
                Err(_) => panic!("{} {key}={value}", self.operation),
            },
        }
    }

    pub fn flag(&self, key: &str) -> bool {
        self.get(key, 0) != 0
    }

    pub fn list<T: FromStr>(&self, key: &str) -> Vec<T> {
        self.text(key)
            .split(',')
            .filter(|value| !value.is_empty())
            .map(|value| {
                value
                    .parse()
                    .unwrap_or_else(|_| panic!("{} {key}={value}", self.operation))
            })
            .collect()
    }

    pub fn point(&self, key: &str) -> Point {
        let list = self.list(key);
        Point::new(list[0], list[1])
    }

    pub fn region(&self, key: &str) -> Option<Region> {
        let list = self.list(key);
        (list.len() == 4).then(|| Region::new(list[0], list[1], list[2], list[3]))
    }
}
