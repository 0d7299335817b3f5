//! The program; all of it is in the library, which the benches share.

fn main() -> std::process::ExitCode {
    xtask::main()
}
