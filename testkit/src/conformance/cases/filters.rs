//! Each filter lets through what it says and nothing else, alone and together with another.

use std::fmt::Display;

use misp_onboarding::certificate::CertificateStatus;
use misp_onboarding::license_key::{LicenseKeyFilter, LicenseKeyStatus};
use misp_onboarding::list::{Direction, ListRow, SortKey, TimeRange};
use misp_onboarding::partner::{PartnerFilter, PartnerState};
use misp_onboarding::policy::{PolicyFilter, PolicyGroupFilter, PolicyGroupState, PolicyState};
use misp_onboarding::policy_link::{PolicyLinkFilter, PolicyLinkState};
use misp_onboarding::store::Store;
use misp_onboarding::text::fold_case;
use misp_onboarding::trust_store::{CaCertificateFilter, CaKind, CaState};

use crate::conformance::check::{Failure, Verdict, equal, holds};
use crate::conformance::list::{
    CaCertificates, LicenseKeys, List, Partners, Policies, PolicyGroups, PolicyLinks, all, in_order, pages,
    query,
};
use crate::conformance::samples::{self, NOW, after, literal};
use crate::conformance::world::{NAMES, World, partner_name};

type Passes<L> = Box<dyn Fn(&<L as List>::Row) -> bool>;

/// A filter with one condition, and what it means.
struct Probe<L: List> {
    field: &'static str,
    name: String,
    filter: L::Filter,
    passes: Passes<L>,
}

/// Every filter that a list is tried with.
struct Probes<L: List>(Vec<Probe<L>>);

impl<L: List> Default for Probes<L> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<L: List> Probes<L> {
    fn add(
        &mut self,
        field: &'static str,
        value: impl Display,
        filter: L::Filter,
        passes: impl Fn(&L::Row) -> bool + 'static,
    ) {
        let name = format!("{field} {value}");
        self.0.push(Probe { field, name, filter, passes: Box::new(passes) });
    }

    fn texts(
        &mut self,
        field: &'static str,
        parts: &[&'static str],
        filter: impl Fn(&'static str) -> L::Filter,
        text: fn(&L::Row) -> Option<&str>,
    ) {
        for part in parts.iter().copied() {
            let passes = move |row: &L::Row| text(row).is_some_and(|text| contains(text, part));
            self.add(field, part, filter(part), passes);
        }
    }
}

/// What a substring filter means, whatever a store makes of it.
fn contains(text: &str, part: &str) -> bool {
    fold_case(text).contains(&fold_case(part))
}

/// Parts of [`NAMES`] in another case, and characters that a store must take to the letter.
const PARTS: [&str; 15] =
    ["ALPHA", "strasse", "ÄRZTE", "%", "_", "*", "\\", "'", "\"", "?", "[x]", "σίσυφος", "0 S", "～", "😀"];

/// Tries each condition alone, in every order, and each two conditions of different fields together.
fn tried<L: List>(store: &dyn Store, rows: &[L::Row], Probes(probes): &Probes<L>) -> Verdict {
    for probe in probes {
        let wanted: Vec<L::Row> = rows.iter().filter(|row| (probe.passes)(row)).cloned().collect();
        let telling = !wanted.is_empty() && wanted.len() < rows.len();
        holds(format_args!("the suite's own condition {} tells rows apart", probe.name), telling)?;
        for sort in L::Sort::ALL {
            for direction in [Direction::Ascending, Direction::Descending] {
                let what = format!("{} by {} {direction}", probe.name, sort.as_str());
                let found = pages::<L>(store, query(probe.filter.clone(), *sort, direction, 0), 5)?;
                same_rows(&what, found, in_order(&wanted, *sort, direction))?;
            }
        }
        let count = L::count(store, &probe.filter, NOW)?;
        equal(format_args!("count of {}", probe.name), count, wanted.len() as u64)?;
    }
    for (index, one) in probes.iter().enumerate() {
        for other in probes.iter().skip(index + 1).filter(|other| other.field != one.field) {
            let what = format!("{} and {}", one.name, other.name);
            let filter = L::both(&one.filter, &other.filter);
            let wanted: Vec<L::Row> =
                rows.iter().filter(|row| (one.passes)(row) && (other.passes)(row)).cloned().collect();
            equal(format_args!("count of {what}"), L::count(store, &filter, NOW)?, wanted.len() as u64)?;
            let wanted = in_order(&wanted, L::Sort::NEWEST, Direction::Ascending);
            same_rows(&what, all::<L>(store, filter)?, wanted)?;
        }
    }
    Ok(())
}

/// Compares ids first: a list of whole rows is hard to read.
fn same_rows<R: ListRow<S> + PartialEq, S: SortKey>(what: &str, found: Vec<R>, wanted: Vec<R>) -> Verdict {
    let ids = |rows: &[R]| rows.iter().map(R::tie_break).collect::<Vec<_>>();
    equal(format_args!("rows of {what}"), ids(&found), ids(&wanted))?;
    holds(format_args!("rows of {what} show what is stored"), found == wanted)
}

fn world(store: &dyn Store) -> Result<World, Failure> {
    let world = World::new();
    world.write(store)?;
    Ok(world)
}

pub(crate) fn partners_are_filtered(store: &dyn Store) -> Verdict {
    let world = world(store)?;
    let rows = world.partner_rows();
    let mut probes = Probes::<Partners>::default();
    for index in [0, 1, 7] {
        let id: misp_onboarding::partner::PartnerId = literal(&partner_name(index));
        let filter = PartnerFilter { id: Some(id.clone()), ..Default::default() };
        probes.add("id", id.clone(), filter, move |row| row.partner.id == id);
        let email = format!("pARTNER{index}@example.org");
        let filter = PartnerFilter { email: Some(literal(&email)), ..Default::default() };
        probes.add("email", email.clone(), filter, move |row| {
            fold_case(row.partner.email.as_str()) == fold_case(&email)
        });
    }
    probes.texts(
        "organization",
        &PARTS,
        |part| PartnerFilter { organization: Some(literal(part)), ..Default::default() },
        |row| Some(row.partner.organization.as_str()),
    );
    for number in [3, 6] {
        let group = samples::policy_group_id(number);
        let filter = PartnerFilter { policy_group: Some(group), ..Default::default() };
        probes.add("group", number, filter, move |row| row.partner.policy_group == Some(group));
    }
    probes.texts(
        "group name",
        &["alpha", "_", "\\", "strasse"],
        |part| PartnerFilter { policy_group_name: Some(literal(part)), ..Default::default() },
        |row| row.policy_group_name.as_ref().map(|name| name.as_str()),
    );
    for state in PartnerState::ALL {
        let filter = PartnerFilter { state: Some(*state), ..Default::default() };
        probes.add("state", state, filter, |row| row.partner.state == *state);
    }
    for status in CertificateStatus::ALL {
        let filter = PartnerFilter { certificate_status: Some(*status), ..Default::default() };
        probes.add("status", status, filter, |row| row.certificate_status(NOW) == *status);
    }
    for (from, to) in [(NOW, NOW.plus_days(30)), (NOW.plus_days(5), NOW.plus_days(31))] {
        let range = TimeRange { from, to };
        let filter = PartnerFilter { certificate_ends: Some(range), ..Default::default() };
        probes.add("ends", format!("{from} to {to}"), filter, move |row| {
            row.certificate_ends.is_some_and(|ends| from <= ends && ends <= to)
        });
    }
    tried(store, &rows, &probes)
}

pub(crate) fn ca_certificates_are_filtered(store: &dyn Store) -> Verdict {
    let world = world(store)?;
    let mut probes = Probes::<CaCertificates>::default();
    for number in [0, 17] {
        let id = samples::ca_certificate_id(number);
        let filter = CaCertificateFilter { id: Some(id), ..Default::default() };
        probes.add("id", number, filter, move |ca| ca.id == id);
        let fingerprint = samples::fingerprint(number / 2);
        let filter = CaCertificateFilter { fingerprint: Some(fingerprint), ..Default::default() };
        probes.add("fingerprint", number, filter, move |ca| ca.fingerprint == fingerprint);
    }
    for domain in ["AUTH", "device"] {
        let filter = CaCertificateFilter { domain: Some(literal(domain)), ..Default::default() };
        let upper = domain.to_uppercase();
        probes.add("domain", domain, filter, move |ca| ca.domain.as_str() == upper);
    }
    for kind in CaKind::ALL {
        let filter = CaCertificateFilter { kind: Some(*kind), ..Default::default() };
        probes.add("kind", kind, filter, |ca| ca.kind == *kind);
    }
    for state in CaState::ALL {
        let filter = CaCertificateFilter { state: Some(*state), ..Default::default() };
        probes.add("state", state, filter, |ca| ca.state == *state);
    }
    for status in [CertificateStatus::Valid, CertificateStatus::Expiring, CertificateStatus::Expired] {
        let filter = CaCertificateFilter { status: Some(status), ..Default::default() };
        probes.add("status", status, filter, move |ca| {
            CertificateStatus::at(Some(ca.not_after), NOW) == status
        });
    }
    probes.texts(
        "subject",
        &PARTS,
        |part| CaCertificateFilter { subject: Some(literal(part)), ..Default::default() },
        |ca| Some(&ca.subject),
    );
    probes.texts(
        "issuer",
        &["ALPHA", "cn=z", "%", "_", "ÄRZTE", "strasse"],
        |part| CaCertificateFilter { issuer: Some(literal(part)), ..Default::default() },
        |ca| Some(&ca.issuer),
    );
    let range = TimeRange { from: NOW.plus_days(-1), to: NOW.plus_days(31) };
    let filter = CaCertificateFilter { ends: Some(range), ..Default::default() };
    probes.add("ends", "within 31 days", filter, move |ca| {
        range.from <= ca.not_after && ca.not_after <= range.to
    });
    tried(store, &world.cas, &probes)?;
    let none = CaCertificateFilter { status: Some(CertificateStatus::None), ..Default::default() };
    equal("CA certificates without a certificate", all::<CaCertificates>(store, none.clone())?, Vec::new())?;
    equal("their count", store.count_ca_certificates(&none, NOW)?, 0)
}

pub(crate) fn policy_groups_are_filtered(store: &dyn Store) -> Verdict {
    let world = world(store)?;
    let mut probes = Probes::<PolicyGroups>::default();
    probes.texts(
        "name",
        &PARTS,
        |part| PolicyGroupFilter { name: Some(literal(part)), ..Default::default() },
        |group| Some(group.name.as_str()),
    );
    for number in [0, 15] {
        let id = samples::policy_group_id(number);
        let filter = PolicyGroupFilter { id: Some(id), ..Default::default() };
        probes.add("id", number, filter, move |group| group.id == id);
    }
    for state in PolicyGroupState::ALL {
        let filter = PolicyGroupFilter { state: Some(*state), ..Default::default() };
        probes.add("state", state, filter, |group| group.state == *state);
    }
    tried(store, &world.groups, &probes)
}

pub(crate) fn policies_are_filtered(store: &dyn Store) -> Verdict {
    let world = world(store)?;
    let mut probes = Probes::<Policies>::default();
    probes.texts(
        "name",
        &PARTS,
        |part| PolicyFilter { name: Some(literal(part)), ..Default::default() },
        |row| Some(row.policy.name.as_str()),
    );
    probes.texts(
        "group name",
        &["alpha", "CENTAURI", "zu"],
        |part| PolicyFilter { group_name: Some(literal(part)), ..Default::default() },
        |row| Some(row.group_name.as_str()),
    );
    for number in [0, 20] {
        let id = samples::policy_id(number);
        let filter = PolicyFilter { id: Some(id), ..Default::default() };
        probes.add("id", number, filter, move |row| row.policy.id == id);
    }
    for number in [0, 1, 2] {
        let group = samples::policy_group_id(number);
        let filter = PolicyFilter { group: Some(group), ..Default::default() };
        probes.add("group", number, filter, move |row| row.policy.group == group);
    }
    for state in PolicyState::ALL {
        let filter = PolicyFilter { state: Some(*state), ..Default::default() };
        probes.add("state", state, filter, |row| row.policy.state == *state);
    }
    tried(store, &world.policy_rows(), &probes)
}

pub(crate) fn policy_links_are_filtered(store: &dyn Store) -> Verdict {
    let world = world(store)?;
    let mut probes = Probes::<PolicyLinks>::default();
    probes.texts(
        "organization",
        &["CENTAURI", "strasse", "_", "\\", "σίσυφος"],
        |part| PolicyLinkFilter { organization: Some(literal(part)), ..Default::default() },
        |row| Some(row.organization.as_str()),
    );
    probes.texts(
        "policy name",
        &PARTS,
        |part| PolicyLinkFilter { policy_name: Some(literal(part)), ..Default::default() },
        |row| Some(row.policy_name.as_str()),
    );
    probes.texts(
        "group name",
        &["alpha", "CENTAURI", "zu"],
        |part| PolicyLinkFilter { policy_group_name: Some(literal(part)), ..Default::default() },
        |row| Some(row.policy_group_name.as_str()),
    );
    for number in [0, 20] {
        let id = samples::policy_link_id(number);
        let filter = PolicyLinkFilter { id: Some(id), ..Default::default() };
        probes.add("id", number, filter, move |row| row.link.id == id);
        let partner = samples::partner_id(&partner_name(number as usize % 3));
        let filter = PolicyLinkFilter { partner: Some(partner.clone()), ..Default::default() };
        probes.add("partner", number, filter, move |row| row.link.partner == partner);
        let policy = samples::policy_id(number + 2);
        let filter = PolicyLinkFilter { policy: Some(policy), ..Default::default() };
        probes.add("policy", number, filter, move |row| row.link.policy == policy);
        let group = samples::policy_group_id(number / 20);
        let filter = PolicyLinkFilter { policy_group: Some(group), ..Default::default() };
        probes.add("group", number, filter, move |row| row.policy_group == group);
    }
    for state in PolicyLinkState::ALL {
        let filter = PolicyLinkFilter { state: Some(*state), ..Default::default() };
        probes.add("state", state, filter, |row| row.link.state == *state);
    }
    tried(store, &world.link_rows(), &probes)
}

pub(crate) fn license_keys_are_filtered(store: &dyn Store) -> Verdict {
    let world = world(store)?;
    let mut probes = Probes::<LicenseKeys>::default();
    probes.texts(
        "organization",
        &["CENTAURI", "strasse", "_", "\\", "σίσυφος"],
        |part| LicenseKeyFilter { organization: Some(literal(part)), ..Default::default() },
        |row| Some(row.organization.as_str()),
    );
    probes.texts(
        "name",
        &PARTS,
        |part| LicenseKeyFilter { name: Some(literal(part)), ..Default::default() },
        |row| Some(row.key.name.as_str()),
    );
    probes.texts(
        "policy name",
        &["alpha", "_", "%", "strasse"],
        |part| LicenseKeyFilter { policy_name: Some(literal(part)), ..Default::default() },
        |row| row.policy_name.as_ref().map(|name| name.as_str()),
    );
    probes.texts(
        "group name",
        &["alpha", "CENTAURI", "zu"],
        |part| LicenseKeyFilter { policy_group_name: Some(literal(part)), ..Default::default() },
        |row| row.policy_group_name.as_ref().map(|name| name.as_str()),
    );
    for number in [1, 22] {
        let id = samples::license_key_id(number);
        let filter = LicenseKeyFilter { id: Some(id), ..Default::default() };
        probes.add("id", number, filter, move |row| row.key.id == id);
        let partner = samples::partner_id(&partner_name(number as usize % 7));
        let filter = LicenseKeyFilter { partner: Some(partner.clone()), ..Default::default() };
        probes.add("partner", number, filter, move |row| row.key.partner == partner);
        let policy = samples::policy_id(number * 7 % 36);
        let filter = LicenseKeyFilter { policy: Some(policy), ..Default::default() };
        probes.add("policy", number, filter, move |row| row.key.policy == Some(policy));
        let group = samples::policy_group_id(number / 20);
        let filter = LicenseKeyFilter { policy_group: Some(group), ..Default::default() };
        probes.add("group", number, filter, move |row| row.policy_group == Some(group));
    }
    for status in LicenseKeyStatus::ALL {
        let filter = LicenseKeyFilter { status: Some(*status), ..Default::default() };
        probes.add("status", status, filter, |row| row.key.status(NOW) == *status);
    }
    for (from, to) in [(after(-1), after(1)), (after(0), after(86_400))] {
        let filter = LicenseKeyFilter { expires: Some(TimeRange { from, to }), ..Default::default() };
        probes.add("expires", format!("{from} to {to}"), filter, move |row| {
            from <= row.key.expires_at && row.key.expires_at <= to
        });
    }
    tried(store, &world.key_rows(), &probes)
}

/// Every name is found by the whole of itself, and by nothing that only looks like it.
pub(crate) fn a_part_of_a_name_is_taken_to_the_letter(store: &dyn Store) -> Verdict {
    let world = world(store)?;
    for name in NAMES {
        let filter = PolicyGroupFilter { name: Some(literal(name)), ..Default::default() };
        let found: Vec<_> = all::<PolicyGroups>(store, filter)?.into_iter().map(|group| group.name).collect();
        let wanted: Vec<_> = world
            .groups
            .iter()
            .map(|group| group.name.clone())
            .filter(|group| contains(group.as_str(), name))
            .collect();
        equal(format_args!("groups with {name}"), found.len(), wanted.len())?;
        holds(format_args!("groups with {name}"), wanted.iter().all(|group| found.contains(group)))?;
    }
    for part in ["a%b", "a*b", "a?b", "a.b", "%%", "__", ".*", "[ab]", "\\%", "' OR 1=1 --", "é"] {
        let filter = PolicyGroupFilter { name: Some(literal(part)), ..Default::default() };
        equal(format_args!("groups with {part}"), all::<PolicyGroups>(store, filter.clone())?, Vec::new())?;
        equal(format_args!("count of groups with {part}"), store.count_policy_groups(&filter)?, 0)?;
    }
    Ok(())
}
