//! Path building: the search for a path from the leaf to a root, depth first, from issuer to issuer by name.
//!
//! The likeliest issuer is tried first. A branch is given up as soon as an issuer could not stand in a valid path
//! or has not made the signature, so that certificates that merely look related cost little. What reaches a root
//! is processed in full; the search goes on if that fails.

use std::cmp::Reverse;

use super::anchors::{Entry, Index, Standing, TrustAnchors};
use super::error::{Fault, PathError, PathFault};
use super::explaining::explain;
use super::limits::MAX_PATH_CERTIFICATES;
use super::policies::ValidPolicies;
use super::processing::{Link, Role, Work, check_issuer, check_path_length, check_validity, process};
use super::sharing::SharedWork;
use super::{PathOptions, VerifiedPath};
use crate::certificate::Certificate;

/// Most failures kept to explain why there is no valid path.
const MAX_FAILURES_KEPT: usize = 32;

/// Finds a valid path for `leaf`.
pub(super) fn find_path(
    leaf: &Certificate,
    anchors: &TrustAnchors,
    extra: &Index,
    options: &PathOptions,
    shared: Option<&mut SharedWork>,
) -> Result<VerifiedPath, PathError> {
    let graph = Graph { stored: anchors.index(), extra };
    let mut search = Search::new(leaf, graph, Work::new(options, anchors.remembered(), shared));
    let found = search.run();
    if let Some(shared) = &mut search.work.shared {
        shared.charge(&search.work.budget);
    }
    match found {
        Ok(Some(policies)) => {
            let certificates = search.path.iter().map(|link| link.certificate.clone()).collect();
            Ok(VerifiedPath { certificates, policies })
        }
        Ok(None) => Err(explain(&search.graph, leaf, search.failures, search.failures_left_off)),
        Err(fault) => {
            search.failures.insert(0, Failure { path: search.path, fault, reaches: Some(Standing::Root) });
            Err(explain(&search.graph, leaf, search.failures, search.failures_left_off))
        }
    }
}

/// All certificates a path can be built from.
pub(super) struct Graph<'a> {
    stored: &'a Index,
    extra: &'a Index,
}

/// A certificate that may have issued another one.
#[derive(Clone, Copy)]
pub(super) struct Issuer<'a> {
    pub(super) link: Link<'a>,
    pub(super) standing: Standing,
}

impl<'a> Graph<'a> {
    /// Certificates whose subject is the issuer of `certificate`, in no particular order.
    pub(super) fn issuers(&self, certificate: &Certificate) -> impl Iterator<Item = Issuer<'a>> {
        // RFC 5280 section 4.1.2.4: an issuer has a name, so nobody is found for an empty one.
        let name = Some(certificate.issuer()).filter(|name| !name.is_empty());
        let stored = name.map_or(&[][..], |name| self.stored.with_subject(name));
        let extra = name.map_or(&[][..], |name| self.extra.with_subject(name));
        let link = |entry: &'a Entry, is_stored| Issuer {
            link: Link { certificate: &entry.certificate, is_stored },
            standing: entry.standing,
        };
        let is_new = |entry: &&Entry| !Index::holds(stored, &entry.certificate);
        let extra = extra.iter().filter(move |entry| is_new(entry));
        stored.iter().map(move |entry| link(entry, true)).chain(extra.map(move |entry| link(entry, false)))
    }
}

/// A branch of the search that was given up.
pub(super) struct Failure<'a> {
    /// The path up to and including the certificate where it ended, leaf first.
    pub(super) path: Vec<Link<'a>>,
    pub(super) fault: Fault,
    /// What its last certificate is; `None` where its issuer was not found.
    pub(super) reaches: Option<Standing>,
}

pub(super) struct Search<'a> {
    graph: Graph<'a>,
    work: Work<'a>,
    /// The branch at hand, leaf first.
    path: Vec<Link<'a>>,
    failures: Vec<Failure<'a>>,
    failures_left_off: usize,
}

impl<'a> Search<'a> {
    fn new(leaf: &'a Certificate, graph: Graph<'a>, work: Work<'a>) -> Self {
        let leaf = Link { certificate: leaf, is_stored: false };
        Self { graph, work, path: vec![leaf], failures: Vec::new(), failures_left_off: 0 }
    }

    /// The work that a search for a path for `leaf` does.
    #[cfg(test)]
    pub(super) fn work_of(
        leaf: &'a Certificate,
        anchors: &'a TrustAnchors,
        extra: &'a Index,
        options: &'a PathOptions,
    ) -> super::limits::Budget {
        let graph = Graph { stored: anchors.index(), extra };
        let mut search = Search::new(leaf, graph, Work::new(options, anchors.remembered(), None));
        let _ = search.run();
        search.work.budget
    }

    /// Finds a valid path and leaves it in `path`. The error is a bound that was reached.
    fn run(&mut self) -> Result<Option<ValidPolicies>, Fault> {
        if let Some(shared) = &self.work.shared {
            shared.check_left()?;
        }
        let is_distrusted =
            self.path.first().is_some_and(|leaf| self.graph.stored.distrusts(leaf.certificate));
        if is_distrusted {
            self.give_up(distrusted(0), Some(Standing::Distrusted));
            return Ok(None);
        }
        self.extend()
    }

    /// Tries every issuer of the last certificate of `path`.
    fn extend(&mut self) -> Result<Option<ValidPolicies>, Fault> {
        let Some(child) = self.path.last().copied() else { return Ok(None) };
        let at = self.path.len();
        let mut seen = 0;
        let mut issuers = Vec::new();
        for issuer in self.graph.issuers(child.certificate) {
            seen += 1;
            if !self.loops(&issuer) {
                issuers.push(issuer);
            }
        }
        self.work.budget.issuers.spend(seen, at - 1)?;
        if issuers.len() > 1 {
            let instant = self.work.options.at;
            issuers.sort_by_cached_key(|issuer| Reverse(likelihood(child.certificate, issuer, at, instant)));
        }
        if issuers.is_empty() {
            self.give_up(no_issuer(child.certificate, at - 1), None);
            return Ok(None);
        }
        for issuer in issuers {
            let fitness = self.check_link(child, &issuer, at);
            self.path.push(issuer.link);
            match fitness {
                Ok(()) => {}
                Err(fault) if fault.kind == PathFault::Limit => return Err(fault),
                Err(fault) => {
                    self.give_up(fault, Some(issuer.standing));
                    self.path.pop();
                    continue;
                }
            }
            let found = match issuer.standing {
                Standing::Root => self.process()?,
                _ if self.path.len() < MAX_PATH_CERTIFICATES => self.extend()?,
                _ => {
                    self.give_up(too_long(at), Some(issuer.standing));
                    None
                }
            };
            if found.is_some() {
                return Ok(found);
            }
            self.path.pop();
        }
        Ok(None)
    }

    /// Whether `issuer` stands in the path already, by subject and key (RFC 4158 section 5.2). The leaf does not
    /// count, unless it is the same certificate: it may be a CA whose name and key another certificate links.
    fn loops(&self, issuer: &Issuer<'_>) -> bool {
        let certificate = issuer.link.certificate;
        let is_same = |link: &Link<'_>| {
            link.certificate.public_key() == certificate.public_key()
                && link.certificate.subject().matches(certificate.subject())
        };
        issuer.standing != Standing::Root
            && (self.path.iter().skip(1).any(is_same)
                || self.path.first().is_some_and(|leaf| leaf.certificate == certificate))
    }

    /// Whether `issuer` at place `at` may stand above `child`: the rules that concern it alone, then the child's
    /// signature.
    fn check_link(&mut self, child: Link<'a>, issuer: &Issuer<'a>, at: usize) -> Result<(), Fault> {
        let Issuer { link, standing } = *issuer;
        let options = self.work.options;
        if standing == Standing::Distrusted {
            return Err(distrusted(at));
        }
        let role = if standing == Standing::Root { Role::Root } else { Role::Intermediate };
        check_validity(link.certificate, at, options.at)?;
        check_issuer(link.certificate, role, at, options.profile)?;
        check_path_length(link.certificate, self.path.get(1..).unwrap_or_default(), at, options)?;
        self.work.check_signature(child, link, at - 1)
    }

    /// Processes the path, which ends at a root.
    fn process(&mut self) -> Result<Option<ValidPolicies>, Fault> {
        self.work.budget.complete_paths.spend(1, self.path.len() - 1)?;
        match process(&self.path, &mut self.work) {
            Ok(policies) => Ok(Some(policies)),
            Err(fault) if fault.kind == PathFault::Limit => Err(fault),
            Err(fault) => {
                self.give_up(fault, Some(Standing::Root));
                Ok(None)
            }
        }
    }

    fn give_up(&mut self, fault: Fault, reaches: Option<Standing>) {
        if self.failures.len() < MAX_FAILURES_KEPT {
            self.failures.push(Failure { path: self.path.clone(), fault, reaches });
        } else {
            self.failures_left_off += 1;
        }
    }
}

/// How likely `issuer` leads to a valid path, to be compared with others: whether it is the certificate itself, which
/// is a root then, whether the key identifiers agree, may agree or differ, whether it is valid now, whether it is a
/// root, and how long it is valid.
fn likelihood(
    child: &Certificate,
    issuer: &Issuer<'_>,
    at: usize,
    instant: crate::time::Timestamp,
) -> impl Ord + use<> {
    let certificate = issuer.link.certificate;
    let is_valid = check_validity(certificate, at, instant).is_ok();
    (
        certificate == child,
        key_id_agreement(child, certificate),
        is_valid,
        issuer.standing == Standing::Root,
        certificate.not_after(),
    )
}

/// How well the key identifiers of a certificate and an issuer agree: they do, may do or differ. RFC 5280 section
/// 4.2.1.1 has them for the order in which issuers are tried, not to exclude any.
pub(super) fn key_id_agreement(child: &Certificate, issuer: &Certificate) -> u8 {
    match (child.authority_key_id(), issuer.subject_key_id()) {
        (Some(wanted), Some(id)) if wanted == id => 2,
        (Some(_), Some(_)) => 0,
        _ => 1,
    }
}

fn distrusted(at: usize) -> Fault {
    Fault::new(
        PathFault::Distrusted,
        at,
        "the trust store",
        "a certificate that is trusted",
        "a distrusted one",
    )
}

fn too_long(at: usize) -> Fault {
    Fault::new(
        PathFault::Limit,
        at,
        "a bound on the work of one validation",
        format!("at most {MAX_PATH_CERTIFICATES} certificates in a path"),
        "more",
    )
}

/// That `certificate` has no known issuer.
pub(super) fn no_issuer(certificate: &Certificate, at: usize) -> Fault {
    let name = certificate.issuer();
    let (required, found) = if name.is_empty() {
        ("an issuer with a name".to_owned(), "an empty name")
    } else if certificate.is_self_issued() {
        (format!("the root {name} to be trusted"), "no such root among the trusted ones")
    } else {
        (format!("the certificate of its issuer {name}"), "none of that name")
    };
    Fault::new(PathFault::MissingIssuer, at, "RFC 5280 section 6.1.3 (a)(4)", required, found)
}
