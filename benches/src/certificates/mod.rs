//! Validating certificates: PEM text in, full report out, trust store loaded.

mod hostile;
mod loading;
mod scenario;

pub use hostile::{Hostile, hostile};
pub use loading::Loading;
pub use scenario::{Keys, Leaf, Scenario, at};
