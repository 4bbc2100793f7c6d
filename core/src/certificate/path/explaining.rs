//! From the branches of a search that failed to one answer why there is no valid path.

use std::collections::{HashMap, HashSet};

use super::anchors::Standing;
use super::building::{Failure, Graph, no_issuer};
use super::error::{CertificateRef, Fault, MissingIssuer, PathError, PathFailure, PathFault};
use super::limits::MAX_REPORTED_CANDIDATES;
use super::processing::Link;
use crate::certificate::Certificate;
use crate::certificate::fingerprint::hex;

/// Most certificates looked at to see whether a failed branch would have reached a root.
const MAX_CLIMBED: usize = 128;

/// The error for a search whose branches all failed.
pub(super) fn explain(
    graph: &Graph<'_>,
    leaf: &Certificate,
    failures: Vec<Failure<'_>>,
    left_off: usize,
) -> PathError {
    let mut climber = Climber { graph, ways: HashMap::new() };
    let mut candidates: Vec<_> = failures.into_iter().flat_map(|failure| climber.complete(failure)).collect();
    candidates.sort_by_cached_key(|candidate| std::cmp::Reverse(merit(candidate)));
    let mut distinct: Vec<&Failure<'_>> = Vec::new();
    for candidate in &candidates {
        // Branches that end for want of the same issuer differ in nothing that helps.
        if !distinct.iter().any(|other| is_same(other, candidate)) {
            distinct.push(candidate);
        }
    }
    let Some((best, others)) = distinct.split_first() else {
        let path = vec![Link { certificate: leaf, is_stored: false }];
        return explain_one(&Failure { path, fault: no_issuer(leaf, 0), reaches: None });
    };
    let (reported, rest) = others.split_at(others.len().min(MAX_REPORTED_CANDIDATES));
    PathError {
        others: reported.iter().map(|failure| report(failure)).collect(),
        others_left_off: rest.len().saturating_add(left_off),
        ..explain_one(best)
    }
}

/// The error for a single failure.
pub(super) fn explain_one(failure: &Failure<'_>) -> PathError {
    PathError { failure: Box::new(report(failure)), others: Vec::new(), others_left_off: 0 }
}

fn is_same(one: &Failure<'_>, other: &Failure<'_>) -> bool {
    let at_fault = |failure| at_fault(failure).map(Certificate::sha256);
    one.fault.kind == other.fault.kind
        && one.fault.required == other.fault.required
        && one.fault.found == other.fault.found
        && at_fault(one) == at_fault(other)
}

fn at_fault<'a>(failure: &Failure<'a>) -> Option<&'a Certificate> {
    failure.path.get(failure.fault.at).or(failure.path.last()).map(|link| link.certificate)
}

/// Follows failed branches on by name alone. What stands above a certificate depends on its issuer's name only, so
/// branches that end below the same name are followed once.
struct Climber<'g, 'a> {
    graph: &'g Graph<'a>,
    /// By the issuer's name of the certificate that the way begins at, without that.
    ways: HashMap<&'a [u8], Way<'a>>,
}

/// Where the names above a certificate lead.
#[derive(Clone)]
enum Way<'a> {
    /// The shortest way to a root.
    ToRoot(Vec<Link<'a>>),
    /// A way to a certificate whose issuer is missing; there is none to a root.
    ToMissing(Vec<Link<'a>>),
    /// In circles, or farther than is looked.
    Unknown,
}

impl<'a> Climber<'_, 'a> {
    /// Where a failed branch reaches a root by name, the path exists and is broken; where it does not, an issuer is
    /// missing as well, and that comes first.
    fn complete(&mut self, mut failure: Failure<'a>) -> Vec<Failure<'a>> {
        if failure.reaches != Some(Standing::Intermediate) {
            return vec![failure];
        }
        let Some(last) = failure.path.last().copied() else { return vec![failure] };
        let name = last.certificate.issuer().comparison_key();
        match self.ways.entry(name).or_insert_with(|| climb(self.graph, last)).clone() {
            Way::ToRoot(onward) => {
                failure.path.extend(onward);
                failure.reaches = Some(Standing::Root);
                vec![failure]
            }
            Way::ToMissing(onward) => {
                failure.path.extend(onward);
                failure.reaches = None;
                let end = failure.path.last().unwrap_or(&last).certificate;
                let fault = no_issuer(end, failure.path.len() - 1);
                vec![Failure { path: failure.path.clone(), fault, reaches: None }, failure]
            }
            Way::Unknown => vec![failure],
        }
    }
}

/// The way by name from `start` on, breadth first. Each name is gone through once, in its first certificate.
fn climb<'a>(graph: &Graph<'a>, start: Link<'a>) -> Way<'a> {
    let mut links: Vec<(Link<'a>, Option<usize>)> = vec![(start, None)];
    let mut names = HashSet::from([start.certificate.issuer().comparison_key()]);
    let mut missing = None;
    let mut next = 0;
    let mut looked_at = 0;
    while let Some((child, _)) = links.get(next).copied() {
        let mut has_issuer = false;
        for issuer in graph.issuers(child.certificate) {
            has_issuer = true;
            looked_at += 1;
            let onward = || way(&links, next).into_iter().chain([issuer.link]).collect();
            if issuer.standing == Standing::Root {
                return Way::ToRoot(onward());
            }
            if looked_at >= MAX_CLIMBED {
                return Way::Unknown;
            }
            let certificate = issuer.link.certificate;
            if certificate.is_self_issued() {
                // Its name goes nowhere but to itself, unless another certificate of that name leads on.
                missing.get_or_insert_with(onward);
            } else if names.insert(certificate.issuer().comparison_key()) {
                links.push((issuer.link, Some(next)));
            }
        }
        if !has_issuer {
            missing.get_or_insert_with(|| way(&links, next));
        }
        next += 1;
    }
    missing.map_or(Way::Unknown, Way::ToMissing)
}

/// The way to the link at `place`, without the one that it begins at.
fn way<'a>(links: &[(Link<'a>, Option<usize>)], place: usize) -> Vec<Link<'a>> {
    let mut way = Vec::new();
    let mut step = links.get(place);
    while let Some((link, Some(below))) = step {
        way.push(*link);
        step = links.get(*below);
    }
    way.reverse();
    way
}

/// Which of several failures says most: a bound that ended the search; then a path that reaches a root or a distrusted
/// certificate, and among those one that is broken by something else than the signature (another key of the same name
/// is the likeliest reason for that: that of a CA's renewed certificate beside the distrusted one); then the longest
/// way to a missing issuer.
fn merit(failure: &Failure<'_>) -> (u8, bool, usize) {
    let kind = failure.fault.kind;
    let rank = match failure.reaches {
        _ if kind == PathFault::Limit => 3,
        Some(Standing::Root | Standing::Distrusted) => 2,
        None if kind == PathFault::MissingIssuer => 1,
        Some(Standing::Intermediate) | None => 0,
    };
    (rank, kind != PathFault::Signature, failure.path.len())
}

fn report(failure: &Failure<'_>) -> PathFailure {
    let Failure { path, fault, .. } = failure;
    let Fault { kind, at: _, rule, required, found } = fault;
    let certificate = at_fault(failure);
    PathFailure {
        fault: *kind,
        certificate: certificate.map_or_else(CertificateRef::unknown, CertificateRef::from),
        rule,
        required: required.clone().into_owned(),
        found: found.clone().into_owned(),
        path: path.iter().map(|link| CertificateRef::from(link.certificate)).collect(),
        missing_issuer: certificate.filter(|_| *kind == PathFault::MissingIssuer).map(|certificate| {
            MissingIssuer {
                name: certificate.issuer().to_string(),
                key_id: certificate.authority_key_id().map(hex),
            }
        }),
    }
}
