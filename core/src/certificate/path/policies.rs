//! Certificate policies: the graph of RFC 9618, which replaces the exponential tree of RFC 5280.

use super::error::{Fault, PathFault};
use super::limits::Budget;
use crate::certificate::oid::ANY_POLICY;
use crate::certificate::{Certificate, Oid};

/// The policies under which a path is valid (RFC 9618 section 5.6, the user-constrained set).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValidPolicies {
    /// Any policy: no certificate of the path restricts it, and neither does the caller.
    Any,
    /// These; none where certificates of the path have no policies in common.
    Only(Vec<Oid>),
}

/// What the caller asks for (RFC 5280 section 6.1.1 (c), (e), (f), (g)).
#[derive(Clone, Copy, Debug)]
pub(super) struct InitialPolicies<'a> {
    /// Empty means any policy.
    pub(super) accepted: &'a [Oid],
    pub(super) require_explicit_policy: bool,
    pub(super) inhibit_policy_mapping: bool,
    pub(super) inhibit_any_policy: bool,
}

/// The state variables of RFC 5280 section 6.1.2 that concern policies.
pub(super) struct PolicyState<'a> {
    /// `None` stands for NULL.
    graph: Option<Graph<'a>>,
    explicit_policy: usize,
    policy_mapping: usize,
    inhibit_any_policy: usize,
    accepted: &'a [Oid],
}

/// The valid_policy_graph: a level for each certificate processed, level 0 holding anyPolicy alone.
struct Graph<'a> {
    levels: Vec<Vec<Node<'a>>>,
}

struct Node<'a> {
    /// valid_policy.
    policy: &'a [u8],
    /// expected_policy_set, where mappings have changed it from the policy itself.
    mapped_to: Vec<&'a [u8]>,
    /// Places of the parents in the level above.
    parents: Vec<usize>,
}

impl<'a> Node<'a> {
    fn expected(&self) -> impl Iterator<Item = &'a [u8]> {
        let itself = self.mapped_to.is_empty().then_some(self.policy);
        itself.into_iter().chain(self.mapped_to.iter().copied())
    }
}

impl<'a> PolicyState<'a> {
    /// Initialization for a path of `length` certificates below the root (RFC 5280 section 6.1.2 (a), (d) to (f)).
    pub(super) fn new(initial: InitialPolicies<'a>, length: usize) -> Self {
        let countdown = |from_the_start: bool| if from_the_start { 0 } else { length.saturating_add(1) };
        Self {
            graph: Some(Graph {
                levels: vec![vec![Node { policy: ANY_POLICY, mapped_to: Vec::new(), parents: Vec::new() }]],
            }),
            explicit_policy: countdown(initial.require_explicit_policy),
            policy_mapping: countdown(initial.inhibit_policy_mapping),
            inhibit_any_policy: countdown(initial.inhibit_any_policy),
            accepted: initial.accepted,
        }
    }

    /// Basic processing of one certificate at place `at` of the path (RFC 5280 section 6.1.3 (d) to (f), RFC 9618
    /// section 5.3).
    pub(super) fn process(
        &mut self,
        certificate: &'a Certificate,
        at: usize,
        budget: &mut Budget,
    ) -> Result<(), Fault> {
        let is_last = at == 0;
        // (d)(2): a self-issued certificate within the path may pass anyPolicy on.
        let any_policy_counts = self.inhibit_any_policy > 0 || (!is_last && certificate.is_self_issued());
        self.graph = match (self.graph.take(), certificate.extensions().policies()) {
            (Some(mut graph), Some(policies)) => {
                graph.add_level(policies.collect(), any_policy_counts, at, budget)?.then_some(graph)
            }
            // (e): without the extension the graph becomes NULL.
            _ => None,
        };
        // (f)
        if self.explicit_policy == 0 && self.graph.is_none() {
            return Err(Fault::new(
                PathFault::Policy,
                at,
                "RFC 5280 section 6.1.3 (f)",
                "a policy that is valid for every certificate so far",
                "none",
            ));
        }
        Ok(())
    }

    /// Preparation for the next certificate (RFC 5280 section 6.1.4 (a), (b), (h), (i), (j), RFC 9618 section 5.4).
    pub(super) fn prepare_next(
        &mut self,
        certificate: &'a Certificate,
        at: usize,
        budget: &mut Budget,
    ) -> Result<(), Fault> {
        let extensions = certificate.extensions();
        if let Some(mappings) = extensions.policy_mappings() {
            let mut mappings: Vec<_> = mappings.collect();
            // (a)
            if mappings.iter().any(|(issuer, subject)| *issuer == ANY_POLICY || *subject == ANY_POLICY) {
                return Err(Fault::new(
                    PathFault::Policy,
                    at,
                    "RFC 5280 section 6.1.4 (a)",
                    "no mapping from or to anyPolicy",
                    "one",
                ));
            }
            mappings.sort_unstable();
            mappings.dedup();
            if let Some(mut graph) = self.graph.take() {
                budget.policy_nodes.spend(mappings.len(), at)?;
                // (b)
                let is_left =
                    if self.policy_mapping > 0 { graph.map(&mappings) } else { graph.remove(&mappings) };
                self.graph = is_left.then_some(graph);
            }
        }
        // (h)
        if !certificate.is_self_issued() {
            self.explicit_policy = self.explicit_policy.saturating_sub(1);
            self.policy_mapping = self.policy_mapping.saturating_sub(1);
            self.inhibit_any_policy = self.inhibit_any_policy.saturating_sub(1);
        }
        // (i)
        if let Some(constraints) = extensions.policy_constraints {
            lower(&mut self.explicit_policy, constraints.require_explicit_policy);
            lower(&mut self.policy_mapping, constraints.inhibit_policy_mapping);
        }
        // (j)
        lower(&mut self.inhibit_any_policy, extensions.inhibit_any_policy);
        Ok(())
    }

    /// Wrap-up after the last certificate (RFC 5280 section 6.1.5 (a), (b), (g), RFC 9618 section 5.6).
    pub(super) fn finish(mut self, leaf: &Certificate) -> Result<ValidPolicies, Fault> {
        self.explicit_policy = self.explicit_policy.saturating_sub(1);
        if leaf
            .extensions()
            .policy_constraints
            .is_some_and(|constraints| constraints.require_explicit_policy == Some(0))
        {
            self.explicit_policy = 0;
        }
        let policies = match &self.graph {
            Some(graph) => user_constrained(graph.authority_constrained(), self.accepted),
            None => ValidPolicies::Only(Vec::new()),
        };
        match policies {
            ValidPolicies::Only(policies) if policies.is_empty() && self.explicit_policy == 0 => {
                let required = if self.accepted.is_empty() {
                    "a policy that is valid for the whole path".to_owned()
                } else {
                    let accepted: Vec<_> = self.accepted.iter().take(8).map(Oid::to_string).collect();
                    format!(
                        "one of the accepted policies to be valid for the whole path ({})",
                        accepted.join(", ")
                    )
                };
                Err(Fault::new(PathFault::Policy, 0, "RFC 5280 section 6.1.5 (g)", required, "none"))
            }
            policies => Ok(policies),
        }
    }
}

/// Takes the lower of the two.
fn lower(countdown: &mut usize, limit: Option<u32>) {
    if let Some(limit) = limit {
        *countdown = (*countdown).min(usize::try_from(limit).unwrap_or(usize::MAX));
    }
}

impl<'a> Graph<'a> {
    fn last_level(&self) -> &[Node<'a>] {
        self.levels.last().map_or(&[], Vec::as_slice)
    }

    /// Adds the level of a certificate with `policies` (RFC 9618 section 5.3 (d)); whether it has any node.
    fn add_level(
        &mut self,
        mut policies: Vec<&'a [u8]>,
        any_policy_counts: bool,
        at: usize,
        budget: &mut Budget,
    ) -> Result<bool, Fault> {
        policies.sort_unstable();
        let above = self.last_level();
        let mut expected: Vec<(&[u8], usize)> = above
            .iter()
            .enumerate()
            .flat_map(|(place, node)| node.expected().map(move |policy| (policy, place)))
            .collect();
        expected.sort_unstable();
        budget.policy_nodes.spend(expected.len().saturating_add(policies.len()), at)?;
        let any_policy_above = above.iter().position(|node| node.policy == ANY_POLICY);
        let node = |policy, parents| Node { policy, mapped_to: Vec::new(), parents };

        let mut level = Vec::with_capacity(policies.len());
        for policy in policies.iter().copied().filter(|policy| *policy != ANY_POLICY) {
            let start = expected.partition_point(|(other, _)| *other < policy);
            let parents: Vec<usize> = expected
                .iter()
                .skip(start)
                .take_while(|(other, _)| *other == policy)
                .map(|(_, place)| *place)
                .collect();
            if !parents.is_empty() {
                // (1)(i)
                level.push(node(policy, parents));
            } else if let Some(place) = any_policy_above {
                // (1)(ii)
                level.push(node(policy, vec![place]));
            }
        }
        // (2): anyPolicy stands for every policy expected so far, itself included.
        if any_policy_counts && policies.contains(&ANY_POLICY) {
            for group in expected.chunk_by(|one, other| one.0 == other.0) {
                if let Some((policy, _)) = group.first()
                    && (*policy == ANY_POLICY || policies.binary_search(policy).is_err())
                {
                    level.push(node(policy, group.iter().map(|(_, place)| *place).collect()));
                }
            }
        }
        level.sort_unstable_by_key(|node| node.policy);
        let has_nodes = !level.is_empty();
        self.levels.push(level);
        Ok(has_nodes)
    }

    /// Applies sorted mappings to the last level (RFC 9618 section 5.4 (b)(1)); whether it has any node.
    fn map(&mut self, mappings: &[(&'a [u8], &'a [u8])]) -> bool {
        let Some(level) = self.levels.last_mut() else { return false };
        let any_policy_parents =
            level.iter().find(|node| node.policy == ANY_POLICY).map(|node| node.parents.clone());
        let mut added = Vec::new();
        for group in mappings.chunk_by(|one, other| one.0 == other.0) {
            let Some((policy, _)) = group.first().copied() else { continue };
            let mapped_to = group.iter().map(|(_, subject)| *subject).collect();
            match level.binary_search_by_key(&policy, |node| node.policy) {
                // (i)
                Ok(place) => {
                    if let Some(node) = level.get_mut(place) {
                        node.mapped_to = mapped_to;
                    }
                }
                // (ii)
                Err(_) => {
                    if let Some(parents) = any_policy_parents.clone() {
                        added.push(Node { policy, mapped_to, parents });
                    }
                }
            }
        }
        level.extend(added);
        level.sort_unstable_by_key(|node| node.policy);
        !level.is_empty()
    }

    /// Removes mapped policies from the last level (RFC 9618 section 5.4 (b)(2)); whether it has any node left.
    fn remove(&mut self, mappings: &[(&'a [u8], &'a [u8])]) -> bool {
        let Some(level) = self.levels.last_mut() else { return false };
        level.retain(|node| mappings.binary_search_by_key(&node.policy, |(issuer, _)| *issuer).is_err());
        !level.is_empty()
    }

    /// The policies that the authorities allow for the whole path, sorted (RFC 9618 section 5.6 (g)): the nodes
    /// directly under anyPolicy, and anyPolicy itself if it reaches the last level.
    fn authority_constrained(&self) -> Vec<&'a [u8]> {
        let mut policies = Vec::new();
        // Nodes without a descendant in the last level count as pruned, so climb from there.
        let mut alive: Vec<bool> = vec![true; self.last_level().len()];
        if self.last_level().iter().any(|node| node.policy == ANY_POLICY) {
            policies.push(ANY_POLICY);
        }
        for (above, level) in self.levels.iter().zip(self.levels.iter().skip(1)).rev() {
            let mut alive_above = vec![false; above.len()];
            for (node, _) in level.iter().zip(&alive).filter(|(_, alive)| **alive) {
                for parent in &node.parents {
                    if let Some(alive) = alive_above.get_mut(*parent) {
                        *alive = true;
                    }
                    let is_under_any = above.get(*parent).is_some_and(|parent| parent.policy == ANY_POLICY);
                    if is_under_any && node.policy != ANY_POLICY {
                        policies.push(node.policy);
                    }
                }
            }
            alive = alive_above;
        }
        policies.sort_unstable();
        policies.dedup();
        policies
    }
}

fn user_constrained(authority: Vec<&[u8]>, accepted: &[Oid]) -> ValidPolicies {
    let allows_any = authority.contains(&ANY_POLICY);
    if accepted.is_empty() && allows_any {
        return ValidPolicies::Any;
    }
    if accepted.is_empty() {
        return ValidPolicies::Only(
            authority.iter().filter_map(|policy| Oid::from_der_content(policy)).collect(),
        );
    }
    let is_valid = |policy: &&Oid| allows_any || authority.binary_search(&policy.der_content()).is_ok();
    ValidPolicies::Only(accepted.iter().filter(is_valid).cloned().collect())
}
