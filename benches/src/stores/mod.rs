//! What the measurements of stores are made of.

mod authenticate;
mod bulk;
mod cache;
mod concurrent;
mod generate;
mod lists;
mod measure;
pub mod memory;
pub mod population;
pub mod postgres;
pub mod sqlite;
mod subject;
mod wal;

use std::path::PathBuf;
use std::time::Duration;

pub use measure::Effort;
use population::Population;

/// What all stores are measured with.
#[derive(Clone, Debug)]
pub struct Run {
    /// Few license keys.
    pub small: Population,
    /// Many.
    pub large: Population,
    /// How long each measurement takes.
    pub effort: Effort,
    /// How long each turn of many connections takes.
    pub concurrent: Duration,
    /// Where filled databases are kept.
    pub folder: PathBuf,
}
