//! Generating and regenerating license keys: commands that are on stable storage when they have returned.

use anyhow::{Context, Result};
use misp_onboarding::id::LicenseKeyId;
use misp_onboarding::license_key::{GenerateLicenseKey, RegenerateLicenseKey, Validity};
use misp_onboarding::partner::PartnerState;

use super::measure::{Effort, side_by_side};
use super::population::{partner_id, policies_of, policy_id, state_of};
use super::subject::Subject;
use crate::row::Row;

/// Commands whose commits are counted.
const COUNTED: u32 = 20;

/// Generates one key after the other, for one active partner after the other.
pub(super) struct Generating<'a> {
    subject: &'a Subject,
    /// Those who may have keys.
    partners: Vec<u32>,
    made: usize,
    last: Option<LicenseKeyId>,
}

impl<'a> Generating<'a> {
    /// Begins with the first partner.
    pub(super) fn new(subject: &'a Subject) -> Self {
        let all = 0..subject.population.partners;
        let partners = all.filter(|partner| state_of(*partner) == PartnerState::Active).collect();
        Self { subject, partners, made: 0, last: None }
    }

    /// Generates the next key.
    ///
    /// # Errors
    /// The engine refuses, or the store fails.
    pub(super) fn one(&mut self) -> Result<()> {
        let partner = self.partners[self.made % self.partners.len()];
        self.made += 1;
        let command = GenerateLicenseKey {
            partner: partner_id(partner),
            policy: policies_of(partner).first().map(|policy| policy_id(*policy)),
            // A store that was measured before has no key of its names any more.
            name: format!("Measured at {:p} {}", self.subject, self.made),
            validity: Validity::Default,
        };
        let generated = self.subject.engine.generate_license_key(&self.subject.admin, &command)?;
        self.last = Some(generated.view.row.key.id);
        Ok(())
    }

    /// Makes a key in place of the one made last.
    ///
    /// # Errors
    /// The engine refuses, or the store fails.
    pub(super) fn again(&mut self) -> Result<()> {
        let last = self.last.context("no key was generated yet")?;
        let command = RegenerateLicenseKey::default();
        let generated = self.subject.engine.regenerate_license_key(&self.subject.admin, last, &command)?;
        self.last = Some(generated.view.row.key.id);
        Ok(())
    }
}

/// Generating with many keys beside generating with few, and beside the least that a durable change costs.
///
/// # Errors
/// One of them fails.
pub(super) fn measure(
    store: &str,
    (small, large): (&mut Generating<'_>, &mut Generating<'_>),
    bare: Option<(&str, &mut dyn FnMut() -> Result<()>)>,
    effort: Effort,
) -> Result<Vec<Row>> {
    let case = format!("{store}, {}, generate", large.subject.size());
    let (ours, yardstick) = side_by_side(effort, || large.one(), || small.one())?;
    let mut rows = vec![Row::of_times(case.clone(), ours, (small.subject.size(), yardstick), None)];
    if let Some((name, bare)) = bare {
        let (ours, yardstick) = side_by_side(effort, || large.one(), bare)?;
        rows.push(Row::of_times(case, ours, (name, yardstick), None));
    }
    let case = format!("{store}, {}, regenerate", large.subject.size());
    let (ours, yardstick) = side_by_side(effort, || large.again(), || small.again())?;
    rows.push(Row::of_times(case, ours, (small.subject.size(), yardstick), None));
    Ok(rows)
}

/// How many commits a command costs; `commits` counts those that happen while something is done.
///
/// # Errors
/// A command fails, or the commits cannot be counted.
pub(super) fn commits(
    store: &str,
    generating: &mut Generating<'_>,
    commits: impl FnOnce(&mut dyn FnMut() -> Result<()>) -> Result<u64>,
) -> Result<Row> {
    let counted = commits(&mut || (0..COUNTED).try_for_each(|_| generating.one()))?;
    let case = format!("{store}, {}, generate", generating.subject.size());
    let each = counted as f64 / f64::from(COUNTED);
    Ok(Row::of_amount(case, (each, "commits a command"), Some(("1 commit", 1.0))))
}
