//! Starting processes, telling them what to do and reading what they tell.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use serde::Serialize;

use crate::journal::Line;

/// A process that tells nothing for this long hangs.
const PATIENCE: Duration = Duration::from_secs(120);

/// A process that tells lines; killed when it is dropped.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    orders: Option<ChildStdin>,
    lines: Receiver<Line>,
}

impl Process {
    /// Starts the program with this job.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn start(program: &str, name: &str, job: &impl Serialize) -> Self {
        let job = serde_json::to_string(job).expect("a job is made of texts and numbers");
        let mut command = Command::new(Path::new(program));
        command.arg(job).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let orders = child.stdin.take();
        let output = child.stdout.take().expect("its output is connected");
        let (sender, lines) = channel();
        // What it told before it was killed is still read, to the last line.
        thread::spawn(move || {
            let mut output = BufReader::new(output);
            let mut text = String::new();
            // A line that the process was killed within does not count.
            while matches!(output.read_line(&mut text), Ok(length) if length > 0 && text.ends_with('\n')) {
                let line = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
                if sender.send(line).is_err() {
                    break;
                }
                text.clear();
            }
        });
        Self { name: name.to_owned(), child, orders, lines }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The next line; none when it told its last one and ended.
    ///
    /// # Panics
    /// When it tells nothing for two minutes.
    pub fn next(&self) -> Option<Line> {
        match self.lines.recv_timeout(PATIENCE) {
            Ok(line) => Some(line),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("{} tells nothing for {PATIENCE:?}", self.name),
        }
    }

    /// The next line, where it comes within this time.
    ///
    /// # Panics
    /// When it ended by itself.
    pub fn next_within(&self, time: Duration) -> Option<Line> {
        match self.lines.recv_timeout(time) {
            Ok(line) => Some(line),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => panic!("{} ended by itself", self.name),
        }
    }

    /// Tells it a line.
    ///
    /// # Panics
    /// When it ended by itself.
    pub fn order(&mut self, order: &str) {
        let orders = self.orders.as_mut().expect("it is told things as long as it lives");
        writeln!(orders, "{order}").and_then(|()| orders.flush()).expect("it lives");
    }

    /// Kills it: SIGKILL, of which it notices nothing. What it told before can still be read.
    ///
    /// # Panics
    /// When it ended by itself before.
    pub fn kill(&mut self) {
        let ended = self.child.try_wait().expect("it can be asked for");
        assert!(ended.is_none(), "{} ended by itself: {ended:?}", self.name);
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it can be waited for");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have been killed already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
