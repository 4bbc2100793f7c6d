//! What `cargo xtask bench python` measures calls from Python beside: the same calls from Rust, in the same process.

use std::hint::black_box;
use std::thread;
use std::time::Instant;

use misp_onboarding::Error;
use misp_onboarding::partner::PartnerId;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;

use crate::actor::Actor;
use crate::arguments::{self, File};
use crate::error;
use crate::onboarding::Onboarding;

/// The nanoseconds that it takes to authenticate each key once, in this number of threads at the same time.
#[pyfunction]
pub(crate) fn time_authenticate(
    py: Python<'_>,
    onboarding: &Onboarding,
    keys: Vec<PyBackedStr>,
    threads: usize,
) -> PyResult<u64> {
    let engine = onboarding.engine();
    timed(py, threads, || {
        keys.iter().try_for_each(|key| engine.authenticate(key).map(|verdict| drop(black_box(verdict))))
    })
}

/// The nanoseconds that it takes to inspect each certificate once, in this number of threads at the same time.
#[pyfunction]
pub(crate) fn time_inspect(
    py: Python<'_>,
    onboarding: &Onboarding,
    actor: &Actor,
    partner: PyBackedStr,
    files: Vec<File>,
    threads: usize,
) -> PyResult<u64> {
    let engine = onboarding.engine();
    let id: PartnerId = arguments::text(py, "partner", &partner)?;
    timed(py, threads, || {
        files.iter().try_for_each(|file| {
            engine.inspect_certificate(&actor.actor, &id, file.bytes()).map(|report| drop(black_box(report)))
        })
    })
}

fn timed(py: Python<'_>, threads: usize, work: impl Fn() -> Result<(), Error> + Sync) -> PyResult<u64> {
    let (outcome, time) = py.detach(|| {
        let started = Instant::now();
        let outcome = if threads == 1 {
            work()
        } else {
            thread::scope(|scope| {
                let running: Vec<_> = (0..threads).map(|_| scope.spawn(&work)).collect();
                // A thread that panicked has printed why; its time is none.
                running.into_iter().try_for_each(|thread| thread.join().unwrap_or(Ok(())))
            })
        };
        (outcome, started.elapsed())
    });
    outcome.map_err(|failed| error::of(py, failed))?;
    Ok(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX))
}
