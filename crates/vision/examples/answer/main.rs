//! Answers requests on stdin, so that `tests/vision/` can compare whole images and whole tuples with its own.
//!
//! A request is a line of `operation key=value ... images=N`, then for each image a line `format width height` and its
//! bytes. The answer is a line with a number of bytes, then as many: the image, or text; an error begins with `error `.

mod coding;
mod counting;
mod detecting;
mod drawing;
mod filtering;
mod finding;
mod request;

use request::{Picture, Request};
use std::io::{BufReader, Write, stdin, stdout};

/// What a request brings back: bytes, or the words of an error.
type Answer = Result<Vec<u8>, vision::Error>;

/// Answers the operations of one kind, nothing for others.
type Family = fn(&Request, &mut [Picture]) -> Option<Answer>;

const FAMILIES: &[Family] = &[
    drawing::answer,
    counting::answer,
    finding::answer,
    detecting::answer,
    filtering::answer,
    coding::answer,
];

fn main() {
    let mut input = BufReader::new(stdin().lock());
    let mut output = stdout().lock();
    while let Some((request, mut pictures)) = request::read(&mut input) {
        let answer = FAMILIES
            .iter()
            .find_map(|family| family(&request, &mut pictures))
            .unwrap_or_else(|| panic!("no family knows `{}`", request.operation));
        let bytes = answer.unwrap_or_else(|error| format!("error {error}").into_bytes());
        let sent = writeln!(output, "{}", bytes.len()).and_then(|()| output.write_all(&bytes));
        if sent.and_then(|()| output.flush()).is_err() {
            // The asker is gone.
            return;
        }
    }
}
