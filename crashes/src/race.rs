//! What the processes of a race are told.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::place::Place;

/// What a racer is started with.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Racer {
    /// The store that they race on.
    pub place: Place,
    /// Its name, which no other racer has.
    pub name: String,
}

/// What a racer gets ready for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Round {
    /// The place of the race in the list of all.
    pub race: usize,
    /// Which of its two commands to give: 1 or 2.
    pub side: u8,
    /// The instant on its clock, in microseconds since 1970.
    pub now_micros: i64,
    /// What the round is about.
    pub subject: BTreeMap<String, String>,
}
