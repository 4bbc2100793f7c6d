//! Bounds on the work of one validation. Whoever sends a certificate and its intermediates chooses the graph that
//! has to be searched, so each kind of work has a bound of its own.

use super::error::{Fault, PathFault};

/// Most certificates in a path, leaf and root included. Public and government hierarchies stay under ten; every
/// link costs a signature check.
pub const MAX_PATH_CERTIFICATES: usize = 32;

/// Most signature checks in one validation; remembered ones do not count. A path has one for each link, and the
/// rest is for issuers of the same name with other keys. At 400 microseconds for the slowest key offered, all of
/// them stay under 30 ms.
pub const MAX_SIGNATURE_CHECKS: usize = 64;

/// Most issuers considered in one validation, over all branches of the search. Without it a few certificates that
/// sign each other make more paths than can ever be tried; the search for an ordinary path considers one or two at
/// each link. One costs less than a microsecond.
pub const MAX_ISSUERS_CONSIDERED: usize = 10_000;

/// Most paths from the leaf to a root that are processed in full in one validation. Several exist only where CAs
/// are cross-signed.
pub const MAX_COMPLETE_PATHS: usize = 100;

/// Most comparisons of a name with a subtree of name constraints in one validation, reading a subtree counted as
/// one. Their number is that of names times that of subtrees, both of which an issuer chooses; one costs about 20
/// nanoseconds.
pub const MAX_NAME_COMPARISONS: usize = 250_000;

/// Most nodes and edges of policy graphs in one validation. Graphs grow with the number of policies and mappings
/// that certificates hold (RFC 9618 section 5), trees without this bound exponentially.
pub const MAX_POLICY_NODES: usize = 20_000;

/// Most failed candidates that an error lists beside the best one.
pub const MAX_REPORTED_CANDIDATES: usize = 8;

/// What is left of each bound.
#[derive(Debug)]
pub(super) struct Budget {
    pub(super) signature_checks: Allowance,
    pub(super) issuers: Allowance,
    pub(super) complete_paths: Allowance,
    pub(super) name_comparisons: Allowance,
    pub(super) policy_nodes: Allowance,
}

impl Budget {
    pub(super) const fn new() -> Self {
        Self {
            signature_checks: Allowance::new("signature checks", MAX_SIGNATURE_CHECKS),
            issuers: Allowance::new("issuers considered", MAX_ISSUERS_CONSIDERED),
            complete_paths: Allowance::new("complete paths", MAX_COMPLETE_PATHS),
            name_comparisons: Allowance::new("comparisons with name constraints", MAX_NAME_COMPARISONS),
            policy_nodes: Allowance::new("nodes of the policy graph", MAX_POLICY_NODES),
        }
    }
}

/// A bound and how much of it has been used.
#[derive(Debug)]
pub(super) struct Allowance {
    what: &'static str,
    allowed: usize,
    used: usize,
}

impl Allowance {
    const fn new(what: &'static str, allowed: usize) -> Self {
        Self { what, allowed, used: 0 }
    }

    /// Uses up `amount`, for the certificate at place `at` of the path.
    pub(super) fn spend(&mut self, amount: usize, at: usize) -> Result<(), Fault> {
        if amount <= self.allowed.saturating_sub(self.used) {
            self.used += amount;
            return Ok(());
        }
        Err(Fault::new(
            PathFault::Limit,
            at,
            "a bound on the work of one validation",
            format!("at most {} {}", self.allowed, self.what),
            "more",
        ))
    }

    /// How much has been used.
    #[cfg(test)]
    pub(super) fn used(&self) -> usize {
        self.used
    }
}
