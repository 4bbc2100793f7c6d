//! What the events tell of each record: its versions, its states, who did what when.

use std::collections::{BTreeSet, HashMap};

use misp_onboarding::Timestamp;
use misp_onboarding::event::{EventKind, EventSequence, NewEvent};
use misp_onboarding::id::ActorId;
use misp_onboarding::store::{Record, RecordId};

use super::commits::{Commit, commits};
use super::contents::Index;
use super::{Contents, Violations};

/// What was told of every record.
pub(super) struct History<'a> {
    told: HashMap<RecordId, Told<'a>>,
    events: HashMap<(RecordId, EventKind), &'a NewEvent>,
}

/// What was told of a record so far.
#[derive(Default)]
struct Told<'a> {
    /// How many commits made or moved it.
    version: u32,
    state: Option<&'a str>,
    /// When and by whom it was moved last.
    moved: Option<(Timestamp, &'a ActorId)>,
}

impl<'a> History<'a> {
    /// Follows the events from the first to the last, and compares the records with what they come to.
    pub(super) fn follow(contents: &'a Contents, violations: &mut Violations) -> Self {
        let index = Index::of(contents);
        let mut before = EventSequence::START;
        for event in &contents.events {
            let of = format!("event {}", event.sequence);
            violations.must(event.sequence > before, of, format_args!("must come after event {before}"));
            before = event.sequence;
        }
        let mut history = Self { told: HashMap::new(), events: HashMap::new() };
        for commit in commits(&contents.events) {
            history.follow_commit(&commit, &index, violations);
        }
        history.compare(contents, violations);
        history
    }

    /// When something was last told of the record, and who did it.
    pub(super) fn of(&self, record: &RecordId, kinds: &[EventKind]) -> Option<(Timestamp, ActorId)> {
        let event = kinds.iter().find_map(|kind| self.events.get(&(record.clone(), *kind)))?;
        Some((event.at, event.actor.clone()))
    }

    /// When the record was last moved, and by whom.
    pub(super) fn moved(&self, record: &RecordId) -> Option<(Timestamp, ActorId)> {
        let (at, actor) = self.told.get(record)?.moved?;
        Some((at, actor.clone()))
    }

    fn follow_commit(&mut self, commit: &Commit<'a>, index: &Index<'_>, violations: &mut Violations) {
        let mut moved = BTreeSet::new();
        for event in commit.events.iter().map(|event| &event.event) {
            moved.extend(moved_by(event, index));
        }
        for record in moved {
            let told = self.told.entry(record).or_default();
            told.version += 1;
            told.moved = commit.events.first().map(|event| (event.event.at, &event.event.actor));
        }
        for event in commit.events {
            let (number, event) = (event.sequence, &event.event);
            let of = format!("event {number}, {} of {}", event.kind, event.subject);
            if let Some(missing) = &commit.missing {
                violations.must(false, &of, missing);
            }
            let Some(told) = self.told.get_mut(&event.subject) else { continue };
            violations.equal(&of, "its version", event.version.number(), told.version);
            violations.equal(&of, "its old state", event.old_state.as_deref(), told.state);
            let arrow = (event.old_state.as_deref(), event.new_state.as_deref());
            violations.must(
                allows(event.kind, arrow),
                &of,
                format_args!("must not lead from {} to {}", shown(arrow.0), shown(arrow.1)),
            );
            told.state = event.new_state.as_deref();
            let partner = partner_of(&event.subject, index);
            violations.must(
                partner.is_none() || partner == Some(event.partner.as_ref()),
                &of,
                "must name the record's partner, found another",
            );
            self.events.insert((event.subject.clone(), event.kind), event);
        }
    }

    fn compare(&self, contents: &Contents, violations: &mut Violations) {
        let mut there = BTreeSet::new();
        for record in contents.records() {
            let id = record.record_id();
            match self.told.get(&id) {
                None => violations.must(false, &id, "must be told of, found no event"),
                Some(told) => {
                    violations.equal(&id, "its version", record.version().number(), told.version);
                    violations.equal(&id, "its state", state_of(&record), told.state);
                }
            }
            there.insert(id);
        }
        let mut lost: Vec<&RecordId> = self.told.keys().filter(|id| !there.contains(id)).collect();
        lost.sort();
        for id in lost {
            violations.must(false, id, "must be there, as events tell of it; found none");
        }
    }
}

fn shown(state: Option<&str>) -> &str {
    state.unwrap_or("nothing")
}

/// The records whose version moves with what the event tells of: its subject, and what decisions on it rest on.
fn moved_by(event: &NewEvent, index: &Index<'_>) -> Vec<RecordId> {
    let mut moved = vec![event.subject.clone()];
    // The partner is the aggregate of all that is its own.
    moved.extend(event.partner.clone().map(RecordId::Partner));
    match &event.subject {
        // A policy cannot be deactivated on a count of links that misses one.
        RecordId::PolicyLink(id) => {
            moved.extend(index.links.get(id).map(|link| RecordId::Policy(link.policy)));
        }
        // Nor a group on a count of policies.
        RecordId::Policy(id) if event.kind == EventKind::PolicyCreated => {
            moved.extend(index.policies.get(id).map(|policy| RecordId::PolicyGroup(policy.group)));
        }
        RecordId::CaCertificate(_) => {
            let domain = event.facts.get("domain").and_then(|domain| domain.parse().ok());
            moved.extend(domain.map(RecordId::TrustDomain));
        }
        _ => {}
    }
    moved
}

/// The partner that the record belongs to; none where it is not there.
fn partner_of<'a>(
    record: &'a RecordId,
    index: &Index<'a>,
) -> Option<Option<&'a misp_onboarding::partner::PartnerId>> {
    match record {
        RecordId::Partner(id) => Some(Some(id)),
        RecordId::PartnerCertificate(id) => index.certificates.get(id).map(|one| Some(&one.partner)),
        RecordId::PolicyLink(id) => index.links.get(id).map(|link| Some(&link.partner)),
        RecordId::LicenseKey(id) => index.keys.get(id).map(|key| Some(&key.partner)),
        _ => Some(None),
    }
}

/// Whether what happened can lead from one state to the other.
fn allows(kind: EventKind, arrow: (Option<&str>, Option<&str>)) -> bool {
    use EventKind as Kind;

    let (Some(new), old) = (arrow.1, arrow.0) else { return false };
    matches!(
        (kind, old, new),
        (Kind::CaCertificateAdded, None, "trusted")
            | (Kind::CaCertificateDistrusted, Some("trusted"), "distrusted")
            | (Kind::PartnerCreated, None, "inactive")
            | (Kind::PartnerUpdated | Kind::PartnerPolicyGroupSelected, Some("inactive"), "inactive")
            | (Kind::PartnerUpdated | Kind::PartnerPolicyGroupSelected, Some("active"), "active")
            | (Kind::PartnerActivated, Some("inactive"), "active")
            | (Kind::PartnerDeactivated, Some("inactive" | "active"), "deactivated")
            | (Kind::PartnerCertificateUploaded, None, "current")
            | (Kind::PartnerCertificateReplaced, Some("current"), "replaced")
            | (Kind::PolicyGroupCreated, None, "active")
            | (Kind::PolicyGroupDeactivated, Some("active"), "deactivated")
            | (Kind::PolicyCreated, None, "draft")
            | (Kind::PolicyEdited, Some("draft"), "draft")
            | (Kind::PolicyPublished, Some("draft"), "active")
            | (Kind::PolicyDeactivated, Some("active"), "deactivated")
            | (Kind::PolicyLinkRequested, None, "pending")
            | (Kind::PolicyLinkApproved, Some("pending"), "approved")
            | (Kind::PolicyLinkRejected, Some("pending"), "rejected")
            | (Kind::LicenseKeyGenerated | Kind::LicenseKeyImported, None, "active")
            | (Kind::LicenseKeyReplaced, Some("active"), "replaced")
            | (Kind::LicenseKeyDeactivated, Some("active" | "replaced"), "deactivated")
    )
}

fn state_of(record: &Record) -> Option<&'static str> {
    match record {
        Record::CaCertificate(ca) => Some(ca.state.as_str()),
        Record::PolicyGroup(group) => Some(group.state.as_str()),
        Record::Policy(policy) => Some(policy.state.as_str()),
        Record::Partner(partner) => Some(partner.state.as_str()),
        Record::PartnerCertificate(one) => {
            Some(if one.replaced_at.is_none() { "current" } else { "replaced" })
        }
        Record::PolicyLink(link) => Some(link.state.as_str()),
        Record::LicenseKey(key) => Some(key.state.as_str()),
        // A trust domain has no state and no events of its own.
        _ => None,
    }
}
