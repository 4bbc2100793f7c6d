//! Importing license keys in bulk, as a host that moves to the engine does.

use std::fs;
use std::time::{Duration, Instant};

use anyhow::Result;
use misp_onboarding::license_key::ImportLicenseKey;
use misp_onboarding::onboarding::MAX_IMPORT;
use misp_onboarding::partner::PartnerState;

use super::population::{Population, partner_id, state_of};
use super::subject::{Subject, grouped};
use crate::row::Row;

/// The keys a second that are asked for.
const RATE: u32 = 20_000;

/// Imports the population's keys into a store that has the rest of it, partner by partner, as many a call as can be.
///
/// # Errors
/// The engine refuses, or the store fails.
pub(super) fn import(store: &str, subject: &Subject) -> Result<Vec<Row>> {
    let population = subject.population;
    let mut keys: Vec<(u32, u32)> = (0..population.keys).map(|key| (population.owner(key), key)).collect();
    // Nothing is imported for a deactivated partner.
    keys.retain(|(partner, _)| state_of(*partner) != PartnerState::Deactivated);
    keys.sort_unstable();
    let (mut took, mut running) = (Duration::ZERO, Some(Duration::ZERO));
    for batch in keys.chunks(MAX_IMPORT) {
        let batch: Vec<_> = batch.iter().map(|(partner, key)| command(&population, *partner, *key)).collect();
        let (started, before) = (Instant::now(), time_on_processor());
        subject.engine.import_license_keys(&subject.admin, &batch)?;
        took += started.elapsed();
        running =
            running.zip(time_on_processor().zip(before)).map(|(sum, (now, before))| sum + (now - before));
    }
    let case = format!("{store}, import of {} keys", grouped(u32::try_from(keys.len())?));
    let row = |case: String, time: Duration, bar| {
        let each = time.as_secs_f64() / keys.len() as f64;
        let yardstick = (format!("{} keys a second", grouped(RATE)), 1e9 / f64::from(RATE));
        Row::of_times(case, each * 1e9, yardstick, bar).with_amount((1.0 / each).round(), "keys a second")
    };
    // A load cannot take turns: on a busy machine only the time that it ran for tells what it takes.
    let processor = running.map(|running| row(format!("{case}, time on the processor"), running, None));
    Ok([row(case, took, Some(1.0))].into_iter().chain(processor).collect())
}

/// How long this thread has run so far, where the system tells: <https://docs.kernel.org/scheduler/sched-stats.html>.
fn time_on_processor() -> Option<Duration> {
    let told = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    told.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}

fn command(population: &Population, partner: u32, key: u32) -> ImportLicenseKey {
    let record = population.record(key);
    ImportLicenseKey {
        key: Population::license_key(key),
        partner: partner_id(partner),
        policy: record.policy,
        name: record.name.to_string(),
        expires_at: record.expires_at,
    }
}
