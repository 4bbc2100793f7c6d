//! From the branches of a search that failed to one answer why there is no valid path.

use super::anchors::Standing;
use super::building::{Failure, Graph, no_issuer};
use super::error::{CertificateRef, Fault, MissingIssuer, PathError, PathFailure, PathFault};
use super::limits::MAX_REPORTED_CANDIDATES;
use super::processing::Link;
use crate::certificate::Certificate;

/// Most certificates looked at to see whether a failed branch would have reached a root.
const MAX_CLIMBED: usize = 128;

/// The error for a search whose branches all failed.
pub(super) fn explain(
    graph: &Graph<'_>,
    leaf: &Certificate,
    failures: Vec<Failure<'_>>,
    left_off: usize,
) -> PathError {
    let mut candidates: Vec<_> = failures.into_iter().flat_map(|failure| complete(graph, failure)).collect();
    candidates.sort_by_cached_key(|candidate| std::cmp::Reverse(merit(candidate)));
    let mut reports = Vec::new();
    for candidate in &candidates {
        let report = report(candidate);
        // Branches that end for want of the same issuer differ in nothing that helps.
        if !reports.iter().any(|other: &PathFailure| is_same(other, &report)) {
            reports.push(report);
        }
    }
    let mut reports = reports.into_iter();
    let failure = reports.next().unwrap_or_else(|| {
        report(&Failure {
            path: vec![Link { certificate: leaf, is_stored: false }],
            fault: no_issuer(leaf, 0),
            reaches: None,
        })
    });
    let others: Vec<_> = reports.by_ref().take(MAX_REPORTED_CANDIDATES).collect();
    PathError {
        failure: Box::new(failure),
        others,
        others_left_off: reports.count().saturating_add(left_off),
    }
}

fn is_same(one: &PathFailure, other: &PathFailure) -> bool {
    one.fault == other.fault
        && one.certificate == other.certificate
        && one.required == other.required
        && one.found == other.found
}

/// Follows a failed branch on by name alone. Where that reaches a root, the path exists and is broken; where it
/// does not, an issuer is missing as well, and that comes first.
fn complete<'a>(graph: &Graph<'a>, mut failure: Failure<'a>) -> Vec<Failure<'a>> {
    if failure.reaches != Some(Standing::Intermediate) {
        return vec![failure];
    }
    let Some(last) = failure.path.last().copied() else { return vec![failure] };
    let (onward, reaches) = climb(graph, last);
    failure.path.extend(onward);
    failure.reaches = reaches;
    match failure.path.last() {
        Some(end) if reaches.is_none() => {
            let fault = no_issuer(end.certificate, failure.path.len() - 1);
            let missing = Failure { path: failure.path.clone(), fault, reaches: None };
            vec![missing, failure]
        }
        _ => vec![failure],
    }
}

/// The shortest way by name from `start` to a root, without `start`; else the last one looked at.
fn climb<'a>(graph: &Graph<'a>, start: Link<'a>) -> (Vec<Link<'a>>, Option<Standing>) {
    let mut seen = vec![(start, None)];
    let mut next = 0;
    let mut end = 0;
    let mut reaches = None;
    'climbing: while let Some((link, _)) = seen.get(next).copied() {
        for issuer in graph.issuers(link.certificate) {
            if seen.len() >= MAX_CLIMBED
                || seen.iter().any(|(other, _)| other.certificate == issuer.link.certificate)
            {
                continue;
            }
            seen.push((issuer.link, Some(next)));
            end = seen.len() - 1;
            if issuer.standing == Standing::Root {
                reaches = Some(Standing::Root);
                break 'climbing;
            }
        }
        next += 1;
    }
    let mut way = Vec::new();
    let mut step = Some(end);
    while let Some((link, parent)) = step.and_then(|place| seen.get(place)) {
        if parent.is_some() {
            way.push(*link);
        }
        step = *parent;
    }
    way.reverse();
    (way, reaches)
}

/// Which of several failures says most: a bound that ended the search; then a path that reaches a root, and among
/// those one that is broken by something else than the signature (another key of the same name is the likeliest
/// reason for that), or a distrusted certificate; then the longest way to a missing issuer.
fn merit(failure: &Failure<'_>) -> (u8, bool, usize) {
    let kind = failure.fault.kind;
    let rank = match failure.reaches {
        _ if kind == PathFault::Limit => 4,
        Some(Standing::Root) => 3,
        Some(Standing::Distrusted) => 2,
        None if kind == PathFault::MissingIssuer => 1,
        Some(Standing::Intermediate) | None => 0,
    };
    (rank, kind != PathFault::Signature, failure.path.len())
}

fn report(failure: &Failure<'_>) -> PathFailure {
    let Failure { path, fault, .. } = failure;
    let Fault { kind, at, rule, required, found } = fault;
    let certificate = path.get(*at).or(path.last()).map(|link| link.certificate);
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

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}
