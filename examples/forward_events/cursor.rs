//! How far the forwarder got, in a file that is never half-written.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use misp_onboarding::event::EventSequence;

pub(crate) struct Cursor {
    file: PathBuf,
    place: EventSequence,
}

impl Cursor {
    /// Reads the file; where there is none, before the first event.
    pub(crate) fn open(file: &Path) -> Result<Self, String> {
        let place = match fs::read_to_string(file) {
            Ok(text) => text
                .trim()
                .parse()
                .map(EventSequence::new)
                .map_err(|_| format!("{}: a number is needed, found {text:?}", file.display()))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => EventSequence::START,
            Err(error) => return Err(format!("{}: {error}", file.display())),
        };
        Ok(Self { file: file.to_owned(), place })
    }

    pub(crate) fn place(&self) -> EventSequence {
        self.place
    }

    /// Moves on, and remembers it also if the machine stops right after.
    pub(crate) fn advance(&mut self, place: EventSequence) -> Result<(), String> {
        let next = self.file.with_extension("next");
        let written = File::create(&next).and_then(|mut file| {
            writeln!(file, "{place}")?;
            file.sync_all()?;
            // Readers and crashes find the old file or the new one.
            fs::rename(&next, &self.file)
        });
        written.map_err(|error| format!("{}: {error}", self.file.display()))?;
        self.place = place;
        Ok(())
    }
}
