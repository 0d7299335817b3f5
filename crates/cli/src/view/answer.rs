//! What the page asks for.
//!
//! Only a page of this server may ask: a name in `Host` that is not loopback's belongs to another site, which has made the browser
//! ask here, and so has a strange `Origin`.

use std::io::Read;

use tiny_http::{Header, Method, Request, Response};

use super::desk::Desk;
use crate::run::display::png;

const PAGE: &str = include_str!("page.html");
/// More is typed by nobody at once.
const MOST_BYTES: u64 = 1 << 20;

/// A status, the type of the content, and the content.
type Answer = (u16, &'static str, Vec<u8>);

pub fn answer(desk: &mut Desk, mut request: Request) {
    let (status, kind, content) = if is_ours(&request) {
        let mut body = Vec::new();
        match request.as_reader().take(MOST_BYTES).read_to_end(&mut body) {
            Ok(_) => to(desk, request.method(), request.url(), &body),
            Err(error) => told(400, format!("the request broke: {error}")),
        }
    } else {
        told(403, "only a page at 127.0.0.1 or localhost may ask".to_owned())
    };
    let mut response = Response::from_data(content).with_status_code(status);
    for (name, value) in [("Content-Type", kind), ("Cache-Control", "no-store")] {
        if let Ok(header) = Header::from_bytes(name, value) {
            response.add_header(header);
        }
    }
    // A page that was closed meanwhile wants no answer.
    let _ = request.respond(response);
}

fn is_ours(request: &Request) -> bool {
    let value = |name: &'static str| {
        let mut headers = request.headers().iter();
        let found = headers.find(|header| header.field.equiv(name));
        found.map(|header| header.value.as_str())
    };
    value("Host").is_some_and(is_loopback)
        && value("Origin").is_none_or(|origin| origin.strip_prefix("http://").is_some_and(is_loopback))
}

/// `127.0.0.1:8080`, `localhost`.
fn is_loopback(host: &str) -> bool {
    let name = host.split_once(':').map_or(host, |(name, _)| name);
    matches!(name, "127.0.0.1" | "localhost")
}

fn told(status: u16, text: String) -> Answer {
    (status, "text/plain; charset=utf-8", text.into_bytes())
}

fn done(result: Result<(), String>) -> Answer {
    match result {
        Ok(()) => told(200, String::new()),
        Err(text) => told(400, text),
    }
}

fn to(desk: &mut Desk, method: &Method, url: &str, body: &[u8]) -> Answer {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let text = String::from_utf8_lossy(body);
    match (method, path) {
        (Method::Get, "/") => (200, "text/html; charset=utf-8", PAGE.as_bytes().to_vec()),
        (Method::Get, "/state") => {
            let seen = query.strip_prefix("seen=").and_then(|seen| seen.parse().ok());
            let state = desk.state(seen.unwrap_or(0));
            (200, "application/json", state.to_string().into_bytes())
        }
        (Method::Get, "/display.png") => match desk.machine.picture().map(|picture| png(&picture)) {
            Some(Ok(bytes)) => (200, "image/png", bytes),
            Some(Err(error)) => told(500, error.to_string()),
            None => told(404, "the board has no display; --display plugs one in".to_owned()),
        },
        (Method::Post, "/console") => {
            desk.type_in(body);
            done(Ok(()))
        }
        (Method::Post, "/press") => done(desk.press(&text, true)),
        (Method::Post, "/release") => done(desk.press(&text, false)),
        (Method::Post, "/break") => done(desk.break_it(&text)),
        (Method::Post, "/mend") => done(desk.mend(&text)),
        (Method::Post, "/reset") => {
            desk.reset();
            done(Ok(()))
        }
        _ => told(404, format!("{method} {path} is nothing here")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_is_home() {
        for host in ["127.0.0.1:8080", "localhost", "localhost:1"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "example.org",
            "127.0.0.1.example.org:8080",
            "",
            "localhost.example.org",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
