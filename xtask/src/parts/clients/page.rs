//! docs/clients.md: what each client can do with the board today. Made from the list, which the run has found to be true.

use super::list::Client;
use std::fmt::Write;

pub fn render(clients: &[Client]) -> String {
    let mut page = String::from(
        "# Tools that work with the board\n\n\
         Written by `cargo xtask test clients --overwrite` from `tests/clients/clients.toml`; `cargo xtask test` fails if this \
         page is\nstale, if a line below is not true, or if something listed as missing has begun to work. The tools are those of \
         the Python\npackage index, unmodified. Each line was run on the virtual board, over `spiram run --pty` or `--usb-pty`, and on no \
         hardware.\n\n\
         | tool | version | works | not yet |\n|---|---|---|---|\n",
    );
    for client in clients {
        let works: Vec<&str> = client
            .steps
            .iter()
            .filter(|step| step.fails.is_none())
            .map(|step| step.does.as_str())
            .collect();
        let missing: Vec<String> = client
            .steps
            .iter()
            .filter_map(|step| Some(format!("{} ({})", step.does, step.fails.as_ref()?)))
            .collect();
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} |",
            client.name,
            client.version,
            works.join("; "),
            missing.join("; ")
        );
    }
    page += "\n## How to connect\n\n\
        `cargo xtask run` is a prompt on the terminal. For a tool, `spiram run --pty` prints the path of a port, and\n\
        `spiram run --pty=NAME` makes a link to it. Tools that look for ports by themselves find one that is named as a port:\n\
        `--pty=/dev/ttyUSB0`, as root. `--pace` keeps the bytes to the wire's baud rate, for tools that expect no faster. The\n\
        board ends by Ctrl-C or another signal, or after `--for SECONDS`.\n";
    page
}

#[cfg(test)]
mod tests {
    use super::super::list::Step;
    use super::*;

    #[test]
    fn what_fails_stands_with_its_reason_in_the_last_column() {
        let step = |does: &str, fails: Option<&str>| Step {
            does: does.into(),
            run: String::new(),
            says: String::new(),
            fails: fails.map(str::to_owned),
        };
        let client = Client {
            name: "ampy".into(),
            version: "1.1".into(),
            set: String::new(),
            quick: true,
            listed: false,
            usb: false,
            steps: vec![step("runs", None), step("copies", Some("no disk"))],
        };
        let page = render(&[client]);
        assert!(
            page.contains("| ampy | 1.1 | runs | copies (no disk) |"),
            "{page}"
        );
    }
}
