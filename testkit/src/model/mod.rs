//! Random commands on two stores at once: every answer, list and event must be the same, and as a small model has it.
//!
//! Two engines with the same clock and the same random numbers are given the same commands, one on
//! [`MemoryStore`](misp_onboarding::store::MemoryStore), the other on the store under test. So ids and keys are equal,
//! and whatever differs is the store's doing. Beside them a model keeps what the commands must have made of partners,
//! certificates, policies, links and keys. It is written from the definition of the product and asks none of the
//! engine's rules, so it also finds what both stores get wrong alike: a command that is refused without a reason, or
//! for another one, and a verdict on a key that is not what it should be.
//!
//! ```no_run
//! use misp_onboarding::store::MemoryStore;
//! use misp_onboarding_testkit::model::Comparison;
//!
//! let regressions = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/model.regressions");
//! Comparison { cases: 100, regressions: Some(regressions) }.run(MemoryStore::new);
//! ```
#![allow(clippy::expect_used, reason = "where the model does not know what it must, the test has failed")]

mod certificates;
mod command;
mod engines;
mod game;
mod keys;
mod known;
mod lines;
mod links;
mod lists;
mod partners;
mod policies;
mod random;
mod records;
mod text;
mod trust;

use misp_onboarding::store::Store;
use proptest::test_runner::{
    Config, FailurePersistence, FileFailurePersistence, TestCaseError, TestError, TestRunner,
};

use command::Play;

/// How a store is compared with the in-memory store.
#[derive(Clone, Copy, Debug)]
pub struct Comparison {
    /// How many sequences of commands are tried. The environment variable `PROPTEST_CASES` overrides it.
    pub cases: u32,
    /// The file that keeps the seeds of sequences that failed once; they are tried first.
    pub regressions: Option<&'static str>,
}

impl Comparison {
    /// Compares, each time beginning with a store that `empty_store` makes.
    ///
    /// # Panics
    /// With the shortest sequence of commands found that ends in a difference.
    pub fn run<S: Store + 'static>(self, empty_store: impl Fn() -> S) {
        let defaults = Config::default();
        let cases = if std::env::var_os("PROPTEST_CASES").is_some() { defaults.cases } else { self.cases };
        let mut runner = TestRunner::new(Config {
            cases,
            max_shrink_iters: 2_000,
            failure_persistence: self.regressions.map(|file| -> Box<dyn FailurePersistence> {
                Box::new(FileFailurePersistence::Direct(file))
            }),
            ..defaults
        });
        let result = runner.run(&random::plays(), |play: Play| {
            let played = game::play(&play, empty_store());
            played.map(|_| ()).map_err(|difference| TestCaseError::fail(difference.to_string()))
        });
        match result {
            Ok(()) => {}
            Err(TestError::Fail(reason, play)) => panic!("{reason}\nin the sequence\n{play}"),
            Err(TestError::Abort(reason)) => panic!("no sequence could be tried: {reason}"),
        }
    }
}

/// Plays the sequence of commands that `choices` stand for, and calls `look` with the store under test after each of
/// them, and whether it was accepted. Each line stands for one command, the first line for how the sequence begins, so
/// that a fuzzer changes, moves or leaves out one command at a time.
///
/// # Errors
/// What was not as it must be.
pub fn play_lines<S: Store + 'static>(
    choices: &[u8],
    empty_store: S,
    look: impl FnMut(&dyn Store, bool),
) -> Result<(), String> {
    let play = lines::play(choices);
    let played = game::play_watched(&play, empty_store, look);
    played.map(|_| ()).map_err(|difference| format!("{difference}\nin the sequence\n{play}"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use misp_onboarding::store::MemoryStore;
    use proptest::strategy::{Strategy, ValueTree};

    use super::*;

    /// Every command but the clock's, by the name of its variant.
    const COMMANDS: &[&str] = &[
        "UploadCas",
        "DistrustCa",
        "CaChain",
        "CreatePartner",
        "UpdatePartner",
        "SelectGroup",
        "DeactivatePartner",
        "InspectCertificate",
        "UploadCertificate",
        "CreateGroup",
        "DeactivateGroup",
        "CreatePolicy",
        "EditPolicy",
        "PublishPolicy",
        "DeactivatePolicy",
        "RequestPolicy",
        "ApproveLink",
        "RejectLink",
        "Generate",
        "Regenerate",
        "DeactivateKey",
        "Import",
        "Authenticate",
        "LookUp",
        "List",
    ];

    /// Everything that a command, a read or a presented key can be refused with by a rule.
    const REFUSALS: &[&str] = &[
        "actor.forbidden",
        "authenticate.deactivated",
        "authenticate.expired",
        "authenticate.malformed",
        "authenticate.partner_deactivated",
        "authenticate.partner_inactive",
        "authenticate.policy_not_usable",
        "authenticate.replaced",
        "authenticate.unknown",
        "ca_certificate.not_found",
        "ca_certificate.not_trusted",
        "certificate.rejected",
        "certificate.unreadable_file",
        "input.invalid",
        "input.taken",
        "license_key.already_deactivated",
        "license_key.already_imported",
        "license_key.certificate_not_trusted",
        "license_key.certificate_not_valid",
        "license_key.imported_twice",
        "license_key.not_found",
        "license_key.policy_not_approved",
        "license_key.wrong_status",
        "list.page_size",
        "list.window",
        "partner.already_deactivated",
        "partner.deactivated",
        "partner.no_policy_group",
        "partner.not_active",
        "partner.not_found",
        "partner.policy_group_already_selected",
        "policy.already_deactivated",
        "policy.ended",
        "policy.in_use",
        "policy.not_active",
        "policy.not_draft",
        "policy.not_found",
        "policy_group.already_deactivated",
        "policy_group.in_use",
        "policy_group.not_active",
        "policy_group.not_found",
        "policy_link.already_approved",
        "policy_link.already_decided",
        "policy_link.already_pending",
        "policy_link.approver_is_requester",
        "policy_link.foreign_policy_group",
        "policy_link.not_found",
        "trust_store.unknown_domain",
    ];

    #[test]
    fn random_sequences_get_everywhere() {
        let mut runner = TestRunner::deterministic();
        let (mut accepted, mut refusals) = (BTreeSet::new(), BTreeSet::new());
        for _ in 0..800 {
            let play = random::plays().new_tree(&mut runner).expect("a sequence").current();
            let reached =
                game::play(&play, MemoryStore::new()).unwrap_or_else(|found| panic!("{found}\n{play}"));
            refusals.extend(reached.refusals);
            accepted.extend(reached.accepted.into_iter().map(|step| {
                let (_, command) = &play.steps[step];
                let name = format!("{command:?}");
                name.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_owned()
            }));
        }
        let never: Vec<_> = COMMANDS.iter().filter(|name| !accepted.contains(**name)).collect();
        assert!(never.is_empty(), "never accepted: {never:?}");
        assert_eq!(refusals, REFUSALS.iter().copied().collect());
    }
}
