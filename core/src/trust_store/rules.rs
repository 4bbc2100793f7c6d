//! The rules of the trust store: which CA certificates are added, what becomes of a distrusted one.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use super::{CaCertificate, CaKind, CaState, TrustDomain, TrustDomainRecord, TrustStoreError};
use crate::Timestamp;
use crate::certificate::finding::Kind;
use crate::certificate::path::{PathOptions, SharedWork, TrustAnchors, unchecked_own_signature};
use crate::certificate::signature::OwnSignature;
use crate::certificate::validate::{check_ca, read_entry};
use crate::certificate::{
    Certificate, CertificateDetails, CertificateRules, Finding, Fingerprint, SignatureError,
    SignatureVerifier, file, pkcs7,
};
use crate::decision::{Context, Decision};
use crate::error::Error;
use crate::event::EventKind;
use crate::id::{CaCertificateId, Version};
use crate::partner::PartnerId;
use crate::store::ChangeSet;
use crate::text::Comment;

/// What became of a file of CA certificates, entry by entry in its order.
///
/// Its `Display` is a text for people.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct CaUploadReport {
    /// The domain.
    pub domain: TrustDomain,
    /// What became of each entry of the file, none left out.
    pub entries: Vec<CaUploadEntry>,
}

/// What became of one entry of a file of CA certificates.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct CaUploadEntry {
    /// The line its PEM block begins in, counted from 1; none in a file without PEM.
    pub line: Option<usize>,
    /// What the certificate says of itself; none where it could not be read.
    pub details: Option<CertificateDetails>,
    /// What became of it.
    pub outcome: CaOutcome,
}

/// What became of an uploaded CA certificate.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub enum CaOutcome {
    /// Self-signed: it anchors paths now.
    AddedAsRoot(CaCertificateId),
    /// It chains to a root: it links paths now.
    AddedAsIntermediate(CaCertificateId),
    /// It is in the domain already, or earlier in the file; nothing changed.
    AlreadyPresent(CaCertificateId),
    /// It was not added.
    Rejected(Vec<Finding>),
}

impl CaOutcome {
    /// The outcome's stable name.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::AddedAsRoot(_) => "added as root",
            Self::AddedAsIntermediate(_) => "added as intermediate",
            Self::AlreadyPresent(_) => "already present",
            Self::Rejected(_) => "rejected",
        }
    }

    /// The CA certificate's id in the trust store; none where it was rejected.
    pub const fn id(&self) -> Option<CaCertificateId> {
        match self {
            Self::AddedAsRoot(id) | Self::AddedAsIntermediate(id) | Self::AlreadyPresent(id) => Some(*id),
            Self::Rejected(_) => None,
        }
    }
}

impl CaUploadReport {
    /// Whether no entry was rejected.
    pub fn all_accepted(&self) -> bool {
        self.entries.iter().all(|entry| entry.outcome.id().is_some())
    }
}

impl fmt::Display for CaUploadReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, entry) in self.entries.iter().enumerate() {
            let subject = entry.details.as_ref().map_or("(unreadable)", |details| &details.subject);
            writeln!(f, "{}. {subject}: {}", index + 1, entry.outcome.as_str())?;
            if let CaOutcome::Rejected(findings) = &entry.outcome {
                findings.iter().try_for_each(|finding| writeln!(f, "   {finding}"))?;
            }
        }
        Ok(())
    }
}

/// The chain of a stored CA certificate.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct CaChain {
    /// The CA certificate asked for first, its root last.
    pub certificates: Vec<CaCertificate>,
}

impl CaChain {
    /// The chain as a PKCS#7 file (certs-only, DER; `.p7b`), in the same order.
    pub fn to_pkcs7(&self) -> Vec<u8> {
        let ders: Vec<&[u8]> = self.certificates.iter().map(|ca| &*ca.der).collect();
        pkcs7::certs_only(&ders)
    }
}

/// A CA certificate that is not trusted any more, and whom that concerns.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Distrusted {
    /// The CA certificate.
    pub ca_certificate: CaCertificate,
    /// The partners whose current certificate was accepted over a path with it, by id.
    pub affected_partners: Vec<PartnerId>,
}

/// A domain of the trust store, as it was read.
pub(crate) struct DomainFacts {
    pub(crate) domain: TrustDomain,
    /// None while it holds no CA certificate.
    pub(crate) record: Option<TrustDomainRecord>,
    pub(crate) stored: Vec<CaCertificate>,
}

/// An uploaded file of CA certificates: read once, judged as often as the domain changes before it is stored.
pub(crate) struct CaFile {
    entries: Vec<FileEntry>,
    work: SharedWork,
}

/// An entry of a file as it was read.
struct FileEntry {
    line: Option<usize>,
    certificate: Result<Certificate, Finding>,
}

impl CaFile {
    pub(crate) fn read(bytes: &[u8], verifier: Arc<dyn SignatureVerifier>) -> Result<Self, TrustStoreError> {
        let file = file::read(bytes).map_err(TrustStoreError::UnreadableFile)?;
        let read = |entry: &file::FileEntry| FileEntry {
            line: entry.line,
            certificate: read_entry(entry).map_err(|finding| *finding),
        };
        Ok(Self { entries: file.entries.iter().map(read).collect(), work: SharedWork::new(verifier) })
    }
}

/// Adds the good ones of a file's CA certificates to a domain; `anchors` are the domain's, loaded.
pub(crate) fn upload(
    file: &mut CaFile,
    facts: &DomainFacts,
    anchors: &TrustAnchors,
    mut new_id: impl FnMut() -> Result<CaCertificateId, Error>,
    context: &Context<'_>,
) -> Result<Decision<CaUploadReport>, Error> {
    let rules = &context.rules.certificate;
    let CaFile { entries, work } = file;
    work.begin();
    let known: HashMap<Fingerprint, &CaCertificate> =
        facts.stored.iter().map(|ca| (ca.fingerprint, ca)).collect();
    let mut entries: Vec<Entry> =
        entries.iter().map(|entry| Entry::judge(entry, &known, rules, work, context.now)).collect();
    // Roots of the same file anchor the rest of it wherever they stand, so they come first.
    let anchors = anchors_with(anchors, &entries, work);
    let mut options = PathOptions::with_verifier(context.now, work.verifier().clone());
    options.profile = rules.profile;
    for entry in &mut entries {
        if let Judged::Candidate { certificate, unchecked, .. } = &mut entry.judged
            && let Err(error) = anchors.verify_sharing(certificate, &options, work)
        {
            // That its signature cannot be checked says more than that no other certificate leads to a root.
            let error = match unchecked.take() {
                Some(unsupported) => unchecked_own_signature(certificate, unsupported),
                None => error,
            };
            entry.judged = Judged::Decided(CaOutcome::Rejected(vec![Finding::of_ca_path(error)]));
        }
    }
    let mut changes = ChangeSet::new();
    if entries.iter().any(|entry| matches!(entry.judged, Judged::Candidate { .. })) {
        move_domain(&mut changes, facts);
    }
    let mut added: HashMap<Fingerprint, CaCertificateId> = HashMap::new();
    let mut outcomes = Vec::with_capacity(entries.len());
    for Entry { line, details, judged } in entries {
        let outcome = match judged {
            Judged::Decided(outcome) => outcome,
            Judged::Candidate { certificate, kind, .. } => match added.get(&certificate.sha256()) {
                Some(id) => CaOutcome::AlreadyPresent(*id),
                None => {
                    let record = stored_ca(new_id()?, &certificate, kind, &facts.domain, context);
                    added.insert(record.fingerprint, record.id);
                    let id = record.id;
                    tell_added(&mut changes, record, context);
                    match kind {
                        CaKind::Root => CaOutcome::AddedAsRoot(id),
                        CaKind::Intermediate => CaOutcome::AddedAsIntermediate(id),
                    }
                }
            },
        };
        outcomes.push(CaUploadEntry { line, details, outcome });
    }
    Ok(Decision::new(changes, CaUploadReport { domain: facts.domain.clone(), entries: outcomes }))
}

struct Entry {
    line: Option<usize>,
    details: Option<CertificateDetails>,
    judged: Judged,
}

enum Judged {
    Decided(CaOutcome),
    /// Nothing is wrong with it by itself; it must still have a path to a root.
    Candidate {
        certificate: Certificate,
        kind: CaKind,
        /// Why it is not known to be self-signed, where it seems to be.
        unchecked: Option<SignatureError>,
    },
}

impl Entry {
    fn judge(
        entry: &FileEntry,
        known: &HashMap<Fingerprint, &CaCertificate>,
        rules: &CertificateRules,
        work: &mut SharedWork,
        now: Timestamp,
    ) -> Self {
        let line = entry.line;
        let certificate = match &entry.certificate {
            Ok(certificate) => certificate,
            Err(finding) => {
                let judged = Judged::Decided(CaOutcome::Rejected(vec![finding.clone()]));
                return Self { line, details: None, judged };
            }
        };
        let details = Some(CertificateDetails::of(certificate));
        let judged = match known.get(&certificate.sha256()) {
            Some(ca) if ca.state == CaState::Distrusted => {
                let found = match &ca.distrust_reason {
                    Some(reason) => format!("distrusted: {reason}"),
                    None => "distrusted".to_owned(),
                };
                let finding = Finding::new(
                    Kind::Distrusted,
                    Some(certificate),
                    "a CA certificate not distrusted",
                    found,
                );
                Judged::Decided(CaOutcome::Rejected(vec![finding]))
            }
            Some(ca) => Judged::Decided(CaOutcome::AlreadyPresent(ca.id)),
            None => {
                let findings = check_ca(certificate, rules, now);
                if findings.is_empty() {
                    Judged::candidate(certificate, work)
                } else {
                    Judged::Decided(CaOutcome::Rejected(findings))
                }
            }
        };
        Self { line, details, judged }
    }
}

impl Judged {
    fn candidate(certificate: &Certificate, work: &mut SharedWork) -> Self {
        let mut limit = None;
        let own_signature = certificate.own_signature(|| {
            work.check_own(certificate).unwrap_or_else(|error| {
                limit = Some(error);
                Err(SignatureError::Invalid)
            })
        });
        if let Some(error) = limit {
            return Self::Decided(CaOutcome::Rejected(vec![Finding::of_ca_path(error)]));
        }
        let (kind, unchecked) = match own_signature {
            OwnSignature::Yes => (CaKind::Root, None),
            OwnSignature::No => (CaKind::Intermediate, None),
            OwnSignature::Unknown(error) => (CaKind::Intermediate, Some(error)),
        };
        Self::Candidate { certificate: certificate.clone(), kind, unchecked }
    }
}

/// The domain's CA certificates and the candidates of the file.
fn anchors_with(stored: &TrustAnchors, entries: &[Entry], work: &mut SharedWork) -> TrustAnchors {
    let (mut roots, mut intermediates) = (Vec::new(), Vec::new());
    for entry in entries {
        match &entry.judged {
            Judged::Candidate { certificate, kind: CaKind::Root, .. } => roots.push(certificate.clone()),
            Judged::Candidate { certificate, kind: CaKind::Intermediate, .. } => {
                intermediates.push(certificate.clone());
            }
            Judged::Decided(_) => {}
        }
    }
    stored.with(roots, &intermediates, work)
}

/// The certificates of a domain, parsed, by what they are good for.
#[derive(Default)]
pub(crate) struct ParsedStore {
    roots: Vec<Certificate>,
    intermediates: Vec<Certificate>,
    distrusted: Vec<Certificate>,
}

pub(crate) fn parse_stored(stored: &[CaCertificate]) -> Result<ParsedStore, Error> {
    let mut parsed = ParsedStore::default();
    for ca in stored {
        let certificate = parse_one(ca)?;
        match (ca.state, ca.kind) {
            (CaState::Distrusted, _) => parsed.distrusted.push(certificate),
            (CaState::Trusted, CaKind::Root) => parsed.roots.push(certificate),
            (CaState::Trusted, CaKind::Intermediate) => parsed.intermediates.push(certificate),
        }
    }
    Ok(parsed)
}

/// The certificate of a stored CA; that it reads was seen when it was uploaded.
pub(crate) fn parse_one(ca: &CaCertificate) -> Result<Certificate, Error> {
    Certificate::from_der(ca.der.clone()).map_err(|malformed| {
        Error::Store(crate::store::StoreError::Corrupt {
            what: format!("CA certificate {}", ca.id),
            found: malformed.to_string(),
        })
    })
}

impl ParsedStore {
    /// Loads them in place of `earlier` ones of the same domain.
    pub(crate) fn load(
        self,
        earlier: Option<&TrustAnchors>,
        verifier: &dyn SignatureVerifier,
    ) -> TrustAnchors {
        TrustAnchors::new(self.roots, self.intermediates, self.distrusted).load_after(earlier, verifier)
    }
}

fn stored_ca(
    id: CaCertificateId,
    certificate: &Certificate,
    kind: CaKind,
    domain: &TrustDomain,
    context: &Context<'_>,
) -> CaCertificate {
    CaCertificate {
        id,
        domain: domain.clone(),
        kind,
        state: CaState::Trusted,
        der: certificate.der().into(),
        fingerprint: certificate.sha256(),
        subject: certificate.subject().to_string(),
        issuer: certificate.issuer().to_string(),
        not_before: certificate.not_before(),
        not_after: certificate.not_after(),
        uploaded_at: context.now,
        uploaded_by: context.actor.clone(),
        distrusted_at: None,
        distrust_reason: None,
        version: Version::FIRST,
    }
}

fn tell_added(changes: &mut ChangeSet, record: CaCertificate, context: &Context<'_>) {
    let facts = [
        ("domain", record.domain.to_string()),
        ("kind", record.kind.to_string()),
        ("subject", record.subject.clone()),
        ("fingerprint", record.fingerprint.to_string()),
    ];
    changes.insert_with(context, record, EventKind::CaCertificateAdded, facts);
}

/// Moves the domain's version, so that nothing decided on its CA certificates as they were is committed after.
fn move_domain(changes: &mut ChangeSet, facts: &DomainFacts) {
    match &facts.record {
        None => {
            changes.insert(TrustDomainRecord { domain: facts.domain.clone(), version: Version::FIRST });
        }
        Some(record) => {
            changes
                .update(TrustDomainRecord { domain: record.domain.clone(), version: record.version.next() });
        }
    }
}

pub(crate) fn distrust(
    ca: &CaCertificate,
    facts: &DomainFacts,
    reason: Comment,
    context: &Context<'_>,
) -> Result<Decision<CaCertificate>, Error> {
    if ca.state == CaState::Distrusted {
        return Err(TrustStoreError::NotTrusted { id: ca.id, found: ca.state }.into());
    }
    let changed = CaCertificate {
        state: CaState::Distrusted,
        distrusted_at: Some(context.now),
        distrust_reason: Some(reason.clone()),
        version: ca.version.next(),
        ..ca.clone()
    };
    let mut changes = ChangeSet::new();
    move_domain(&mut changes, facts);
    changes.update_with(
        context,
        ca.clone(),
        changed.clone(),
        EventKind::CaCertificateDistrusted,
        [
            ("domain", ca.domain.to_string()),
            ("fingerprint", ca.fingerprint.to_string()),
            ("reason", reason.to_string()),
        ],
    );
    Ok(Decision::new(changes, changed))
}

fn is_issued_by(subject: &Certificate, issuer: &Certificate, verifier: &dyn SignatureVerifier) -> bool {
    subject.issuer().matches(issuer.subject()) && subject.is_signed_by(issuer.public_key(), verifier).is_ok()
}

/// The shortest chain from a CA certificate over stored ones, each signed by the next, up to a root.
pub(crate) fn chain(
    ca: &CaCertificate,
    stored: &[CaCertificate],
    verifier: &dyn SignatureVerifier,
) -> Result<Vec<CaCertificate>, Error> {
    let mut parsed = Vec::with_capacity(stored.len());
    for other in stored {
        parsed.push((other, parse_one(other)?));
    }
    // Breadth first; each certificate is reached once, from the one that it signed.
    let mut reached: HashSet<CaCertificateId> = HashSet::from([ca.id]);
    let mut paths = vec![vec![ca.clone()]];
    while !paths.is_empty() {
        let mut longer = Vec::new();
        for path in paths {
            let Some(last) = path.last() else { continue };
            if last.kind == CaKind::Root {
                return Ok(path);
            }
            let subject = parse_one(last)?;
            for (other, issuer) in &parsed {
                if !reached.contains(&other.id) && is_issued_by(&subject, issuer, verifier) {
                    reached.insert(other.id);
                    longer.push(path.iter().cloned().chain([(*other).clone()]).collect());
                }
            }
        }
        paths = longer;
    }
    // It was uploaded with a chain, and nothing is ever deleted.
    Err(Error::Store(crate::store::StoreError::Corrupt {
        what: format!("trust domain {}", ca.domain),
        found: format!("no chain of CA certificate {} up to a root", ca.id),
    }))
}
