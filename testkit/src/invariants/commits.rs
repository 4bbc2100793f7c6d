//! Which events were committed together.
//!
//! A store keeps events, not commits. But the events of one commit follow each other, share actor and instant, and
//! come in the few shapes that the engine's commands have; so a commit that is there in part is told apart.

use misp_onboarding::event::{Event, EventKind, NewEvent};

/// The events of one commit.
pub(super) struct Commit<'a> {
    pub(super) events: &'a [Event],
    /// What of it is not there.
    pub(super) missing: Option<String>,
}

/// What tells of a record that goes down with its partner: the fact `reason`.
const WITH_PARTNER: &str = "partner deactivated";

/// Takes the events apart into commits. Two imports, and two uploads of CA certificates, of one actor in the very same
/// instant count as one: a clock that shows no instant twice tells them apart.
pub(super) fn commits(mut events: &[Event]) -> Vec<Commit<'_>> {
    let mut commits = Vec::new();
    while let Some((first, rest)) = events.split_first() {
        let (more, missing) = shape(&first.event, rest);
        let (commit, rest) = events.split_at(1 + more);
        commits.push(Commit { events: commit, missing });
        events = rest;
    }
    commits
}

/// How many of the events that follow belong to the same commit, and what is missing of it.
fn shape(first: &NewEvent, rest: &[Event]) -> (usize, Option<String>) {
    use EventKind as Kind;

    let together = |event: &NewEvent| event.at == first.at && event.actor == first.actor;
    let run = |belongs: &dyn Fn(&NewEvent) -> bool| {
        rest.iter().take_while(|other| together(&other.event) && belongs(&other.event)).count()
    };
    let next = |place: usize, kind: Kind| {
        let event = rest.get(place).map(|other| &other.event);
        event.filter(|event| together(event) && event.kind == kind && event.partner == first.partner)
    };
    let alone = |missing: &str| (0, Some(missing.to_owned()));
    match first.kind {
        Kind::CaCertificateAdded | Kind::LicenseKeyImported => (run(&|other| other.kind == first.kind), None),
        Kind::PartnerCertificateReplaced => match next(0, Kind::PartnerCertificateUploaded) {
            Some(_) => (1, None),
            None => alone("the certificate that replaces it must be told of next, found none"),
        },
        Kind::PartnerCertificateUploaded => match next(0, Kind::PartnerActivated) {
            Some(_) => (1, None),
            None => alone("a first certificate must activate its partner, found no such event next"),
        },
        Kind::PartnerActivated => {
            alone("the certificate that activates it must be told of before, found none")
        }
        Kind::LicenseKeyReplaced => {
            let replaces = |event: &&NewEvent| event.facts.get("replaces") == Some(&first.subject.id());
            match next(0, Kind::LicenseKeyGenerated).filter(replaces) {
                Some(_) => (1, None),
                None => alone("the license key that replaces it must be told of next, found none"),
            }
        }
        Kind::LicenseKeyGenerated if first.facts.contains_key("replaces") => {
            alone("the license key that it replaces must be told of before, found none")
        }
        Kind::PartnerDeactivated => {
            (run(&|other| goes_down_with_partner(other) && other.partner == first.partner), None)
        }
        _ if goes_down_with_partner(first) => alone("its partner's end must be told of before, found none"),
        _ => (0, None),
    }
}

fn goes_down_with_partner(event: &NewEvent) -> bool {
    matches!(event.kind, EventKind::PolicyLinkRejected | EventKind::LicenseKeyDeactivated)
        && event.facts.get("reason").is_some_and(|reason| reason == WITH_PARTNER)
}
