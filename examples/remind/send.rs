//! Handing a reminder to the program that sends it.

use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::expiring::Reminder;

pub(crate) fn send(program: &Path, reminder: &Reminder) -> io::Result<()> {
    let mut child = Command::new(program).arg(&reminder.recipient).stdin(Stdio::piped()).spawn()?;
    // Taken out, so that it is closed when all is written and the program sees the end.
    let written = child.stdin.take().map_or(Ok(()), |mut stdin| stdin.write_all(reminder.text().as_bytes()));
    let status = child.wait()?;
    if !status.success() {
        return Err(io::Error::other(format!("it ended with {status}")));
    }
    written
}
