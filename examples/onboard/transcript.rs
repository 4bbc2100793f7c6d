//! How the terminal shows what happens: numbered headings, sentences, tables.

use std::io::Write;

use misp_onboarding::certificate::CertificateStatus;
use misp_onboarding::event::Event;
use misp_onboarding::license_key::{Authorization, LicenseKeyView, Refusal};
use misp_onboarding::trust_store::CaCertificate;
use misp_onboarding::{Clock, SystemClock, Timestamp};

use crate::demo_pki::File;

/// What is printed, step by step.
#[derive(Default)]
pub(crate) struct Transcript {
    steps: usize,
}

impl Transcript {
    /// Begins the next step.
    pub(crate) fn step(&mut self, title: &str) {
        self.steps += 1;
        let heading = format!("{}. {title}", self.steps);
        self.say(format!("\n{heading}\n{}\n", "=".repeat(heading.chars().count())));
    }

    /// Prints a sentence, or a text of several lines.
    pub(crate) fn say(&self, text: impl AsRef<str>) {
        print(text.as_ref());
    }

    /// Prints what the engine says of a file.
    pub(crate) fn report(&self, file: &File, report: &impl std::fmt::Display) {
        self.say(format!("{}:\n{}", file.name(), report.to_string().trim_end()));
    }

    pub(crate) fn ca_certificates(&self, certificates: &[CaCertificate]) {
        let now = SystemClock.now();
        let row = |ca: &CaCertificate| {
            let status = CertificateStatus::at(Some(ca.not_after), now);
            [
                ca.subject.clone(),
                ca.kind.to_string(),
                ca.state.to_string(),
                status.to_string(),
                time(ca.not_after),
            ]
        };
        print_table(["subject", "kind", "state", "status", "ends"], certificates.iter().map(row));
    }

    pub(crate) fn license_keys(&self, keys: &[LicenseKeyView]) {
        let row = |view: &LicenseKeyView| {
            let actions: Vec<&str> = view.actions.iter().map(|action| action.as_str()).collect();
            let policy = view.row.policy_name.as_ref().map_or("-", |name| name.as_str());
            [
                view.masked_key(),
                view.row.key.name.to_string(),
                policy.to_owned(),
                view.status.to_string(),
                time(view.row.key.expires_at),
                actions.join(", "),
            ]
        };
        print_table(["key", "name", "policy", "status", "expires", "allowed now"], keys.iter().map(row));
    }

    pub(crate) fn verdicts(&self, verdicts: &[(&str, Result<Authorization, Refusal>)]) {
        let row = |(presented, verdict): &(&str, Result<Authorization, Refusal>)| {
            let (verdict, detail) = match verdict {
                Ok(good) => ("good", allowed(good)),
                Err(refusal) => (refusal.code(), refusal.to_string()),
            };
            [(*presented).to_owned(), verdict.to_owned(), detail]
        };
        print_table(["presented", "verdict", "detail"], verdicts.iter().map(row));
    }

    pub(crate) fn events(&self, events: &[Event]) {
        let row = |event: &Event| {
            let new = event.event.new_state.as_deref().unwrap_or("-");
            let state = match &event.event.old_state {
                Some(old) if old != new => format!("{old} -> {new}"),
                _ => new.to_owned(),
            };
            [
                event.sequence.to_string(),
                time(event.event.at),
                event.event.actor.to_string(),
                event.event.kind.to_string(),
                state,
            ]
        };
        print_table(["place", "at", "actor", "what", "state"], events.iter().map(row));
    }
}

/// Whose key it is, what it allows and how long.
fn allowed(good: &Authorization) -> String {
    let permissions = good.policy.map(|(_, permissions)| permissions).unwrap_or_default();
    let mut allowed = Vec::new();
    for (name, is_allowed) in [
        ("authentication", permissions.allow_auth_request_delegation),
        ("e-KYC", permissions.allow_kyc_request_delegation),
        ("key binding", permissions.allow_key_binding_delegation),
    ] {
        if is_allowed {
            allowed.push(name);
        }
    }
    format!("{}: {}, until {}", good.partner, allowed.join(" and "), time(good.valid_until))
}

/// An instant to the second.
pub(crate) fn time(instant: Timestamp) -> String {
    Timestamp::from_unix_seconds(instant.unix_seconds()).to_string()
}

/// Prints the rows below the header, each column as wide as its widest cell.
fn print_table<const N: usize>(header: [&str; N], rows: impl Iterator<Item = [String; N]>) {
    let mut lines = vec![header.map(str::to_owned)];
    lines.extend(rows);
    let widths: [usize; N] = std::array::from_fn(|column| {
        lines.iter().map(|line| line[column].chars().count()).max().unwrap_or_default()
    });
    lines.insert(1, widths.map(|width| "-".repeat(width)));
    for line in lines {
        let cells: Vec<String> =
            line.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        print(cells.join("  ").trim_end());
    }
}

/// Prints a line. That nobody reads on, as after `| head`, does not stop what is being done.
fn print(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
