//! The golden list of everything that calls fail with: one sample of every variant of every error.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::*;
use crate::actor::{Actor, PARTNER_ADMIN, Role};
use crate::certificate::finding::Kind;
use crate::certificate::{Finding, PathFault, UnreadableFile};
use crate::id::{LicenseKeyId, PolicyGroupId, PolicyId, PolicyLinkId, Version};
use crate::license_key::{LicenseKeyStatus, MalformedKey, PolicyNotUsable, Refusal};
use crate::partner::{PartnerId, PartnerState};
use crate::policy::{PolicyGroupState, PolicyState};
use crate::policy_link::PolicyLinkState;
use crate::store::{LinkCounts, PolicyCounts, Unique};
use crate::transfer::TransferError;
use crate::trust_store::{CaState, TrustDomain};
use crate::{Timestamp, id};

/// The list that the test compares with; made anew when the variable `UPDATE_GOLDEN` is set.
const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/errors.txt");

/// Names each variant of an enum; a variant that is added does not compile until it is named here, and fails the
/// test until a sample of it is listed.
macro_rules! variants {
    ($function:ident, $error:ident { $($variant:ident),+ $(,)? }) => {
        fn $function(samples: &[$error]) {
            let name = |error: &$error| match error {
                $($error::$variant { .. } => stringify!($variant),)+
            };
            let seen: BTreeSet<&str> = samples.iter().map(name).collect();
            let all: BTreeSet<&str> = [$(stringify!($variant)),+].into();
            assert_eq!(seen, all, "every variant of {} has a sample", stringify!($error));
        }
    };
}

variants!(
    all_partner,
    PartnerError {
        NotFound,
        NotActive,
        Deactivated,
        AlreadyDeactivated,
        PolicyGroupAlreadySelected,
        NoPolicyGroup
    }
);
variants!(all_trust_store, TrustStoreError { NotFound, UnknownDomain, UnreadableFile, NotTrusted });
variants!(
    all_policy,
    PolicyError {
        GroupNotFound,
        GroupNotActive,
        GroupAlreadyDeactivated,
        GroupInUse,
        NotFound,
        NotDraft,
        NotActive,
        AlreadyDeactivated,
        Ended,
        InUse
    }
);
variants!(
    all_policy_link,
    PolicyLinkError { NotFound, ForeignPolicyGroup, AlreadyOpen, AlreadyDecided, ApproverIsRequester }
);
variants!(
    all_license_key,
    LicenseKeyError {
        NotFound,
        CertificateNotValid,
        CertificateNotTrusted,
        PolicyNotApproved,
        WrongStatus,
        AlreadyImported,
        ImportedTwice,
        Import
    }
);
variants!(all_list, ListError { PageSize, MalformedCursor, ForeignCursor, Window });
variants!(
    all_store,
    StoreError { Conflict, Duplicate, MissingReference, Corrupt, SchemaTooNew, Unavailable, Backend }
);
variants!(
    all_top,
    Error {
        InvalidInput,
        Forbidden,
        Partner,
        TrustStore,
        CertificateRejected,
        Policy,
        PolicyLink,
        LicenseKey,
        List,
        Conflict,
        Store,
        Random
    }
);
variants!(
    all_refusals,
    Refusal {
        Malformed,
        Unknown,
        PartnerDeactivated,
        Deactivated,
        Replaced,
        Expired,
        PartnerInactive,
        PolicyNotUsable
    }
);

fn at() -> Timestamp {
    Timestamp::from_unix_seconds(1_768_478_400)
}

fn bank() -> PartnerId {
    PartnerId::from_stored("bank")
}

fn partner_errors() -> Vec<PartnerError> {
    let id = bank;
    let samples = vec![
        PartnerError::NotFound { id: id() },
        PartnerError::NotActive { id: id(), found: PartnerState::Inactive },
        PartnerError::Deactivated { id: id() },
        PartnerError::AlreadyDeactivated { id: id() },
        PartnerError::PolicyGroupAlreadySelected { id: id(), found: group() },
        PartnerError::NoPolicyGroup { id: id() },
    ];
    all_partner(&samples);
    samples
}

fn group() -> PolicyGroupId {
    PolicyGroupId::new(at(), [1; 10])
}

fn policy() -> PolicyId {
    PolicyId::new(at(), [2; 10])
}

fn link() -> PolicyLinkId {
    PolicyLinkId::new(at(), [3; 10])
}

fn key() -> LicenseKeyId {
    LicenseKeyId::new(at(), [4; 10])
}

fn trust_store_errors() -> Vec<TrustStoreError> {
    let id = id::CaCertificateId::new(at(), [5; 10]);
    let found = "OTHER".parse().unwrap();
    let samples = vec![
        TrustStoreError::NotFound { id },
        TrustStoreError::UnknownDomain { allowed: vec![TrustDomain::auth()], found },
        TrustStoreError::UnreadableFile(UnreadableFile::Empty),
        TrustStoreError::NotTrusted { id, found: CaState::Distrusted },
    ];
    all_trust_store(&samples);
    samples
}

fn policy_errors() -> Vec<PolicyError> {
    let (id, group) = (policy(), group());
    let counts = |draft, active| PolicyCounts { draft, active };
    let samples = vec![
        PolicyError::GroupNotFound { id: group },
        PolicyError::GroupNotActive { id: group, found: PolicyGroupState::Deactivated },
        PolicyError::GroupAlreadyDeactivated { id: group },
        PolicyError::GroupInUse { id: group, found: counts(1, 0) },
        PolicyError::GroupInUse { id: group, found: counts(0, 2) },
        PolicyError::GroupInUse { id: group, found: counts(1, 2) },
        PolicyError::NotFound { id },
        PolicyError::NotDraft { id, found: PolicyState::Active },
        PolicyError::NotActive { id, found: PolicyState::Draft },
        PolicyError::AlreadyDeactivated { id },
        PolicyError::Ended { id, ended_at: at(), now: at() },
        PolicyError::InUse { id, found: LinkCounts { pending: 1, approved: 0 } },
        PolicyError::InUse { id, found: LinkCounts { pending: 0, approved: 1 } },
    ];
    all_policy(&samples);
    samples
}

fn policy_link_errors() -> Vec<PolicyLinkError> {
    let (id, partner, policy) = (link(), bank(), policy());
    let open = |found| PolicyLinkError::AlreadyOpen { partner: bank(), policy, link: link(), found };
    let other = PolicyGroupId::new(at(), [6; 10]);
    let samples = vec![
        PolicyLinkError::NotFound { id },
        PolicyLinkError::ForeignPolicyGroup { partner, policy, required: group(), found: other },
        open(PolicyLinkState::Pending),
        open(PolicyLinkState::Approved),
        PolicyLinkError::AlreadyDecided { id, found: PolicyLinkState::Approved },
        PolicyLinkError::AlreadyDecided { id, found: PolicyLinkState::Rejected },
        PolicyLinkError::ApproverIsRequester { id, found: id::ActorId::from_stored("ana") },
    ];
    all_policy_link(&samples);
    samples
}

fn license_key_errors() -> Vec<LicenseKeyError> {
    let (id, partner) = (key(), bank);
    let wrong = |found| LicenseKeyError::WrongStatus { id, required: "active or expired", found };
    let source = Box::new(Error::from(PartnerError::NotFound { id: bank() }));
    let samples = vec![
        LicenseKeyError::NotFound { id },
        LicenseKeyError::CertificateNotValid {
            partner: partner(),
            now: at(),
            not_before: at(),
            not_after: at(),
        },
        LicenseKeyError::CertificateNotTrusted { partner: partner(), found: "no certificate".into() },
        LicenseKeyError::PolicyNotApproved { partner: partner(), policy: policy() },
        wrong(LicenseKeyStatus::Replaced),
        wrong(LicenseKeyStatus::Deactivated),
        LicenseKeyError::AlreadyImported { id },
        LicenseKeyError::ImportedTwice { first: 0, second: 1 },
        LicenseKeyError::Import { index: 7, source },
    ];
    all_license_key(&samples);
    samples
}

fn list_errors() -> Vec<ListError> {
    let samples = vec![
        ListError::PageSize { min: 1, max: 100, found: 101 },
        ListError::MalformedCursor,
        ListError::ForeignCursor { required: "partner.id ascending".into(), found: "another list".into() },
        ListError::Window { max_days: 36_525, found_days: 0 },
    ];
    all_list(&samples);
    samples
}

fn store_errors() -> Vec<StoreError> {
    let conflict =
        |found| StoreError::Conflict { record: "partner bank".into(), required: Version::new(2), found };
    let samples = vec![
        conflict(Some(Version::new(3))),
        conflict(None),
        StoreError::Duplicate { unique: Unique::LicenseKeyName },
        StoreError::MissingReference { reference: "license_key.partner".into() },
        StoreError::Corrupt { what: "partner.state".into(), found: "\"asleep\"".into() },
        StoreError::SchemaTooNew { supported: 1, found: 2 },
        StoreError::unavailable("busy"),
        StoreError::backend("broken"),
    ];
    all_store(&samples);
    samples
}

fn refusals() -> Vec<Refusal> {
    let samples = vec![
        Refusal::Malformed(MalformedKey::Checksum),
        Refusal::Unknown,
        Refusal::PartnerDeactivated,
        Refusal::Deactivated,
        Refusal::Replaced { since: at() },
        Refusal::Expired { expired_at: at() },
        Refusal::PartnerInactive,
        Refusal::PolicyNotUsable(PolicyNotUsable::LinkNotApproved),
        Refusal::PolicyNotUsable(PolicyNotUsable::PolicyNotActive { found: PolicyState::Draft }),
        Refusal::PolicyNotUsable(PolicyNotUsable::GroupNotActive),
        Refusal::PolicyNotUsable(PolicyNotUsable::Ended { ended_at: at() }),
    ];
    all_refusals(&samples);
    samples
}

fn errors() -> Vec<Error> {
    let invalid = |problem_of: &[(Field, FieldRule)]| {
        let mut errors = FieldErrors::default();
        for (field, rule) in problem_of {
            errors.add(*field, FieldProblem::new(*rule, "something else", "this"));
        }
        errors.into_error()
    };
    let actor = Actor::new(id::ActorId::from_stored("max"), [Role::PolicyManager]);
    let mut report = CertificateReport::default();
    report.findings.push(Finding::new(Kind::Expired, None, "valid at noon", "valid until dawn"));
    let mut samples: Vec<Error> = vec![
        invalid(&[(Field::PartnerId, FieldRule::Length), (Field::PartnerEmail, FieldRule::Taken)]).into(),
        invalid(&[(Field::PartnerEmail, FieldRule::Taken)]).into(),
        Error::CertificateRejected(Box::new(report)),
        Error::Conflict { attempts: 64, last: StoreError::Duplicate { unique: Unique::PartnerEmail } },
        Error::Random("no entropy".into()),
    ];
    samples.extend(actor.require(PARTNER_ADMIN).map_err(Error::from).err());
    samples.extend(partner_errors().into_iter().map(Error::from));
    samples.extend(trust_store_errors().into_iter().map(Error::from));
    samples.extend(policy_errors().into_iter().map(Error::from));
    samples.extend(policy_link_errors().into_iter().map(Error::from));
    samples.extend(license_key_errors().into_iter().map(Error::from));
    samples.extend(list_errors().into_iter().map(Error::from));
    samples.extend(store_errors().into_iter().map(Error::from));
    all_top(&samples);
    samples
}

variants!(
    all_transfer,
    TransferError {
        Read,
        Write,
        Store,
        NotAnExport,
        UnknownVersion,
        LineTooLong,
        Line,
        Cut,
        Damaged,
        Moved,
        Differs,
        TooManyTogether
    }
);

fn transfer_errors() -> Vec<TransferError> {
    let lost = || std::io::Error::other("the disk is gone");
    let at = crate::event::EventSequence::new;
    let samples = vec![
        TransferError::Read(lost()),
        TransferError::Write(lost()),
        TransferError::Store(StoreError::Duplicate { unique: Unique::PartnerEmail }),
        TransferError::NotAnExport { found: "another first line".into() },
        TransferError::UnknownVersion { supported: 1, found: 2 },
        TransferError::LineTooLong { line: 7, max: 2_097_152 },
        TransferError::Line { line: 7, required: "a line of an export", found: "no JSON".into() },
        TransferError::Cut { lines: 7 },
        TransferError::Damaged { what: "partners", required: "4".into(), found: "3".into() },
        TransferError::Moved { last: at(7), found: at(8) },
        TransferError::Differs { what: "partner bank".into() },
        TransferError::TooManyTogether { max: 20_000 },
    ];
    all_transfer(&samples);
    samples
}

/// The page of the guide, made anew like the list.
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/guide/error_codes.md");

/// The guide's page: what a host needs of each code, in tables.
fn page() -> String {
    let mut text = String::from(
        "Error codes: every one there is.\n\n\
         [`Error::code`](crate::Error::code) is stable; [`Error::pms_code`](crate::Error::pms_code) is MOSIP's code for the same\n\
         failure, where its services have one. With serde an error becomes the facts named here.\n\n\
         # Errors\n\n| code | kind | MOSIP | facts |\n|---|---|---|---|\n",
    );
    #[derive(Default)]
    struct Row {
        pms_codes: BTreeSet<&'static str>,
        facts: BTreeSet<String>,
    }
    let mut rows: BTreeMap<(&str, ErrorKind), Row> = BTreeMap::new();
    for error in errors() {
        // The code is that of the key's own failure, which has its line.
        if matches!(error, Error::LicenseKey(LicenseKeyError::Import { .. })) {
            continue;
        }
        let row = rows.entry((error.code(), error.kind())).or_default();
        row.pms_codes.extend(error.pms_code());
        row.facts.extend(fact_names(&error));
    }
    for ((code, kind), Row { pms_codes, facts }) in rows {
        let pms_codes = match code {
            "input.invalid" | "input.taken" => "of the field MOSIP checks first".to_owned(),
            "certificate.rejected" => "of the finding MOSIP checks first".to_owned(),
            _ => pms_codes.into_iter().map(code_span).collect::<Vec<_>>().join(", "),
        };
        let facts: Vec<_> = facts.iter().map(code_span).collect();
        let _ = writeln!(text, "| `{code}` | {kind} | {pms_codes} | {} |", facts.join(", "));
    }
    text.push_str(
        "\nInvalid input lists every field that breaks a rule. A field error's code is the field and the rule, such as\n\
         `partner.contact_number.length`; the fields are those of [`Field`](crate::error::Field), the rules those of\n\
         [`FieldRule`](crate::text::FieldRule).\n\n\
         # Refusals of a presented license key\n\n| code | message | facts |\n|---|---|---|\n",
    );
    for refusal in refusals() {
        let facts: Vec<_> = fact_names(&refusal).iter().map(code_span).collect();
        let _ = writeln!(text, "| `{}` | {refusal} | {} |", refusal.code(), facts.join(", "));
    }
    text.push_str("\n# Findings about certificates\n\n| code | MOSIP | rule |\n|---|---|---|\n");
    for kind in Kind::ALL {
        let (code, pms_code, rule) = kind.describe();
        let _ = writeln!(text, "| `{code}` | {} | {rule} |", pms_code.map(code_span).unwrap_or_default());
    }
    for fault in PathFault::ALL {
        let _ =
            writeln!(text, "| `{}` | `KER-PCM-006` or `KER-PCM-005` | RFC 5280 section 6 |", fault.code());
    }
    text.push_str("\n# Exports and imports of a whole store\n\n| code | kind | facts |\n|---|---|---|\n");
    let own = |error: &TransferError| !matches!(error, TransferError::Store(_));
    for error in transfer_errors().into_iter().filter(own) {
        let facts: Vec<_> = fact_names(&error).iter().map(code_span).collect();
        let _ = writeln!(text, "| `{}` | {} | {} |", error.code(), error.kind(), facts.join(", "));
    }
    text
}

fn code_span(text: impl std::fmt::Display) -> String {
    format!("`{text}`")
}

fn fact_names(error: &impl serde::Serialize) -> Vec<String> {
    match serde_json::to_value(error) {
        Ok(serde_json::Value::Object(facts)) => facts.into_iter().map(|(name, _)| name).collect(),
        _ => Vec::new(),
    }
}

fn listing() -> String {
    let facts = |facts: Result<String, serde_json::Error>| facts.unwrap_or_else(|error| error.to_string());
    let mut text = String::from("# code | kind | MOSIP's code | message | facts\n");
    for error in errors() {
        let pms_code = error.pms_code().unwrap_or("-");
        let _ = writeln!(
            text,
            "{} | {} | {pms_code} | {error} | {}",
            error.code(),
            error.kind(),
            facts(serde_json::to_string(&error))
        );
    }
    text.push_str("\n# refusals of a presented license key: code | message | facts\n");
    for refusal in refusals() {
        let _ = writeln!(text, "{} | {refusal} | {}", refusal.code(), facts(serde_json::to_string(&refusal)));
    }
    text.push_str("\n# exports and imports of a whole store: code | kind | message | facts\n");
    for error in transfer_errors() {
        let facts = facts(serde_json::to_string(&error));
        let _ = writeln!(text, "{} | {} | {error} | {facts}", error.code(), error.kind());
    }
    text.push_str("\n# findings about certificates: code | MOSIP's code | rule\n");
    for kind in Kind::ALL {
        let (code, pms_code, rule) = kind.describe();
        let _ = writeln!(text, "{code} | {} | {rule}", pms_code.unwrap_or("-"));
    }
    text.push_str("\n# findings about paths: code\n");
    for fault in PathFault::ALL {
        let _ = writeln!(text, "{}", fault.code());
    }
    text.push_str("\n# fields and rules: code of the field error | MOSIP's code\n");
    for field in Field::ALL {
        for rule in FieldRule::ALL {
            let error = FieldError { field: *field, problem: FieldProblem::new(*rule, "", "") };
            let _ = writeln!(text, "{} | {}", error.code(), error.pms_code().unwrap_or("-"));
        }
    }
    text
}

#[test]
fn the_golden_list_has_every_error_with_its_code_and_message() {
    for (path, found) in [(GOLDEN, listing()), (PAGE, page())] {
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(path, &found).unwrap();
        }
        let golden = std::fs::read_to_string(path).unwrap_or_default();
        assert_eq!(
            found, golden,
            "codes and messages are promises; run with UPDATE_GOLDEN=1 if the change is meant"
        );
    }
}

#[test]
fn messages_name_the_fact_needed_and_the_fact_found_in_plain_words() {
    let transfers = transfer_errors();
    let texts = errors()
        .iter()
        .map(ToString::to_string)
        .chain(transfers.iter().map(ToString::to_string))
        .collect::<Vec<_>>();
    for text in texts {
        assert!(
            !text.ends_with('.') && text.chars().next().is_some_and(|c| !c.is_uppercase())
                || text.starts_with("CA "),
            "{text}"
        );
        assert!(!text.contains('{') && !text.contains("Some("), "{text}");
    }
}
