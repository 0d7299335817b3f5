//! `spiram view`: the page's requests, as any program can send them.

use crate::common::{elf, spiram};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

/// A board with its page.
struct View {
    tool: Child,
    address: String,
}

impl View {
    fn start() -> View {
        View::with(&["--psram", "none", "--display", "st7789-240x240"])
    }

    fn with(options: &[&str]) -> View {
        let mut tool = spiram()
            .args(["view", "--port", "0", "--for", "100", "--elf", &elf("devebox")])
            .args(options)
            .spawn()
            .expect("the tool starts");
        let mut line = String::new();
        BufReader::new(tool.stdout.as_mut().expect("piped"))
            .read_line(&mut line)
            .unwrap();
        let address = line.trim().trim_end_matches('/').rsplit("http://").next();
        let address = address.unwrap_or_default().to_owned();
        assert!(address.starts_with("127.0.0.1:"), "{line}");
        View { tool, address }
    }

    /// What comes back for the lines of a request, and its body: status and content.
    fn ask(&self, first: &str, host: &str, more: &str, body: &str) -> (u16, Vec<u8>) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let length = body.len();
        write!(
            stream,
            "{first} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{more}Content-Length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let head = String::from_utf8_lossy(&answer[..end]).into_owned();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, answer.split_off(end + 4))
    }

    fn get(&self, path: &str) -> (u16, Vec<u8>) {
        self.ask(&format!("GET {path}"), &self.address, "", "")
    }

    fn post(&self, path: &str, body: &str) -> (u16, String) {
        let (status, content) = self.ask(&format!("POST {path}"), &self.address, "", body);
        (status, String::from_utf8_lossy(&content).into_owned())
    }

    fn state(&self, seen: u64) -> Value {
        let (status, content) = self.get(&format!("/state?seen={seen}"));
        assert_eq!(status, 200);
        serde_json::from_slice(&content).unwrap()
    }

    /// What the console says from `seen` on until it prompts, and how far that is.
    fn until_prompt(&self, seen: u64) -> (String, u64) {
        let (mut said, mut seen) = (String::new(), seen);
        let begin = Instant::now();
        while !said.ends_with(">>> ") {
            assert!(begin.elapsed() < Duration::from_secs(60), "{said}");
            let state = self.state(seen);
            said += state["console"].as_str().unwrap();
            seen = state["seen"].as_u64().unwrap();
            std::thread::sleep(Duration::from_millis(20));
        }
        (said, seen)
    }
}

impl Drop for View {
    fn drop(&mut self) {
        // It is gone already, or it goes now.
        let _ = self.tool.kill();
        let _ = self.tool.wait();
    }
}

#[test]
fn the_page_shows_the_board_and_works_it() {
    let view = View::start();
    let (status, page) = view.get("/");
    assert!(status == 200 && String::from_utf8_lossy(&page).contains("<title>spiram</title>"));
    let (said, mut seen) = view.until_prompt(0);
    assert!(said.contains("MicroPython"), "{said}");

    let mut python = |line: &str| {
        assert_eq!(view.post("/console", &format!("{line}\r")).0, 200);
        let (said, now) = view.until_prompt(seen);
        seen = now;
        let answer = said.split_once('\n').map_or("", |(_, answer)| answer);
        answer.trim_end_matches(">>> ").trim().to_owned()
    };
    assert_eq!(python("6*7"), "42");
    assert_eq!(python("from machine import Pin"), "");
    assert_eq!(view.state(0)["leds"][0]["lit"], false);
    python("led=Pin('PA1',Pin.OUT,value=0)");
    assert_eq!(view.state(0)["leds"][0]["lit"], true, "active low");
    python("key=Pin('PE3',Pin.IN,Pin.PULL_UP)");
    assert_eq!(python("key()"), "1");
    assert_eq!(view.post("/press", "K1").0, 200);
    assert_eq!(python("key()"), "0");
    assert_eq!(view.state(0)["keys"][0]["pressed"], true);
    assert_eq!(view.post("/release", "K1").0, 200);
    assert_eq!(python("key()"), "1");

    let (status, picture) = view.get("/display.png");
    assert!(status == 200 && picture.starts_with(b"\x89PNG"));
    let state = view.state(0);
    assert_eq!(state["display"]["width"], 240);
    assert_eq!(state["memory"], "", "no chip is fitted");
    assert!(state["halted"].is_null() && state["event_count"] == 0, "{state}");

    assert_eq!(view.post("/break", "PE3:gnd").0, 200);
    assert_eq!(python("key()"), "0");
    assert_eq!(view.state(0)["faults"][0], "PE3:gnd");
    assert_eq!(view.post("/mend", "PE3:gnd").0, 200);
    assert_eq!(python("key()"), "1");
    assert_eq!(view.post("/reset", "").0, 200);
    let (said, _) = view.until_prompt(seen);
    assert!(said.contains("MicroPython"), "{said}");
}

#[test]
fn a_request_that_is_none_of_ours_is_refused() {
    let view = View::start();
    let refused = |host: &str, more: &str| view.ask("POST /reset", host, more, "").0;
    assert_eq!(refused("example.org", ""), 403);
    assert_eq!(refused(&view.address, "Origin: http://example.org\r\n"), 403);
    assert_eq!(refused(&view.address, "Origin: null\r\n"), 403);
    let own = format!("Origin: http://{}\r\n", view.address);
    assert_eq!(refused(&view.address, &own), 200);
    assert_eq!(view.get("/no/such").0, 404);
    let (status, words) = view.post("/break", "SIO9:open");
    assert!(status == 400 && words.contains("SIO9"), "{words}");
    let (status, words) = view.post("/press", "K7");
    assert!(status == 400 && words.contains("K7"), "{words}");
    let (status, words) = view.post("/mend", "PB6:PB7");
    assert!(status == 400 && words.contains("stays"), "{words}");
}

/// What a browser says that looks at the page for some seconds.
fn browse(chromium: &str, folder: &Path, options: &[&str], address: &str) -> String {
    let output = Command::new(chromium)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--window-size=1200,1000",
        ])
        .arg(format!("--user-data-dir={}", folder.display()))
        .arg("--virtual-time-budget=5000")
        .args(options)
        .arg(format!("http://{address}/"))
        .output()
        .unwrap_or_else(|error| panic!("{chromium}: {error}"));
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// `SPIRAM_CHROMIUM=/usr/bin/chromium cargo test --release -p spiram --test cli a_browser -- --ignored` runs it; with `SPIRAM_VIEW_PNG=FILE` it
/// takes the picture of docs/view.md.
#[test]
#[ignore = "long"]
fn a_browser_draws_the_page() {
    let Some(chromium) = std::env::var("SPIRAM_CHROMIUM").ok() else {
        eprintln!("skipped: SPIRAM_CHROMIUM does not say where Chromium is");
        return;
    };
    let script = crate::common::root().join("examples/vision_display.py");
    let view = View::with(&["--display", "ili9341-320x240", script.to_str().unwrap()]);
    let (_, mut seen) = view.until_prompt(0);
    // The script is pasted, echoed and run.
    let (said, now) = view.until_prompt(seen);
    // Once in its text, and five times by it.
    assert!(said.matches("frames a second").count() > 5, "{said}");
    seen = now;
    view.post(
        "/console",
        "from machine import Pin; led = Pin('PA1', Pin.OUT, value=0)\r",
    );
    view.until_prompt(seen);
    view.post("/press", "K2");
    view.post("/break", "PE3:gnd");
    let folder = tempfile::TempDir::new().unwrap();
    let page = browse(&chromium, folder.path(), &["--dump-dom"], &view.address);
    for part in [
        "data-ready=\"1\"",
        "class=\"led lit\"",
        "<button class=\"down\">K2</button>",
        "<button class=\"down\">PE3:gnd</button>",
        "/display.png?",
        "frames a second",
        // Nothing is wrong with the board, and it answers.
        "<span id=\"halted\"></span>",
    ] {
        assert!(page.contains(part), "no {part} in:\n{page}");
    }
    if let Some(path) = std::env::var_os("SPIRAM_VIEW_PNG") {
        let shot = format!("--screenshot={}", Path::new(&path).display());
        browse(&chromium, folder.path(), &[&shot], &view.address);
    }
}
