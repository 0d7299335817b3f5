//! The ends that a person or a program talks to: a script, a terminal, a pty.
