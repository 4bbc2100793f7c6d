//! Bounds on the work of one validation and of one upload. Whoever sends a certificate and its intermediates, or a
//! file of CA certificates, chooses the graph that has to be searched, so each kind of work has a bound of its own.

use super::error::{Fault, PathFault};

/// Most certificates in a path, leaf and root included. Public and government hierarchies stay under ten; every
/// link costs a signature check.
pub const MAX_PATH_CERTIFICATES: usize = 32;

/// Most signature checks in one validation; remembered ones do not count. A path has one for each link, and the
/// rest is for issuers of the same name with other keys. At 400 microseconds for the slowest key offered, all of
/// them stay under 30 ms.
pub const MAX_SIGNATURE_CHECKS: usize = 64;

/// Most signature checks for one file of CA certificates, however many of them there are and however often it is
/// judged. One check shows that a root is self-signed or that an intermediate is signed by its issuer, so this is
/// two for each of the 1,000 certificates that a file may hold; the second is for issuers of the same name with
/// other keys. At 400 microseconds for the slowest key offered, all of them stay under a second.
pub const MAX_SIGNATURE_CHECKS_PER_UPLOAD: usize = 2_048;

/// How often the bounds of one validation, except that on signature checks, fit into one upload. The 1,000
/// certificates of a file need at least one complete path each, of which this allows 1,600.
const BOUNDS_PER_UPLOAD: usize = 16;

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

/// What limits one validation.
const VALIDATION: &str = "a bound on the work of one validation";

/// What limits one upload.
const UPLOAD: &str = "a bound on the work of one upload";

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
        Self::with(VALIDATION, MAX_SIGNATURE_CHECKS, 1)
    }

    /// The bounds of one upload.
    pub(super) const fn for_upload() -> Self {
        Self::with(UPLOAD, MAX_SIGNATURE_CHECKS_PER_UPLOAD, BOUNDS_PER_UPLOAD)
    }

    const fn with(rule: &'static str, signature_checks: usize, times: usize) -> Self {
        Self {
            signature_checks: Allowance::new(rule, "signature checks", signature_checks),
            issuers: Allowance::new(rule, "issuers considered", times * MAX_ISSUERS_CONSIDERED),
            complete_paths: Allowance::new(rule, "complete paths", times * MAX_COMPLETE_PATHS),
            name_comparisons: Allowance::new(
                rule,
                "comparisons with name constraints",
                times * MAX_NAME_COMPARISONS,
            ),
            policy_nodes: Allowance::new(rule, "nodes of the policy graph", times * MAX_POLICY_NODES),
        }
    }

    /// Adds what a validation used, signature checks excepted: those are counted where they are made, once each.
    pub(super) fn charge(&mut self, validation: &Self) {
        self.issuers.used += validation.issuers.used;
        self.complete_paths.used += validation.complete_paths.used;
        self.name_comparisons.used += validation.name_comparisons.used;
        self.policy_nodes.used += validation.policy_nodes.used;
    }

    /// Whether something is left of each bound that [`Budget::charge`] adds to.
    pub(super) fn check_left(&self) -> Result<(), Fault> {
        let Self { signature_checks: _, issuers, complete_paths, name_comparisons, policy_nodes } = self;
        [issuers, complete_paths, name_comparisons, policy_nodes]
            .into_iter()
            .try_for_each(|allowance| if allowance.left() > 0 { Ok(()) } else { Err(allowance.exceeded(0)) })
    }
}

/// A bound and how much of it has been used.
#[derive(Debug)]
pub(super) struct Allowance {
    rule: &'static str,
    what: &'static str,
    allowed: usize,
    used: usize,
}

impl Allowance {
    const fn new(rule: &'static str, what: &'static str, allowed: usize) -> Self {
        Self { rule, what, allowed, used: 0 }
    }

    /// Uses up `amount`, for the certificate at place `at` of the path.
    pub(super) fn spend(&mut self, amount: usize, at: usize) -> Result<(), Fault> {
        if amount > self.left() {
            return Err(self.exceeded(at));
        }
        self.used += amount;
        Ok(())
    }

    const fn left(&self) -> usize {
        self.allowed.saturating_sub(self.used)
    }

    fn exceeded(&self, at: usize) -> Fault {
        let required = format!("at most {} {}", self.allowed, self.what);
        Fault::new(PathFault::Limit, at, self.rule, required, "more")
    }

    /// How much has been used.
    #[cfg(test)]
    pub(super) fn used(&self) -> usize {
        self.used
    }
}
