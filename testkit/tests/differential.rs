//! Random chains, judged by OpenSSL and by us.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod openssl;

use misp_onboarding_testkit::chains::{Scenario, Twist};

/// Twists that no validator lets pass in the leaf itself.
const FATAL: [Twist; 8] = [
    Twist::Expired,
    Twist::NotYetValid,
    Twist::CorruptedSignature,
    Twist::OtherIssuerNamed,
    Twist::AlgorithmsDiffer,
    Twist::UnknownAlgorithm,
    Twist::UnknownCritical,
    Twist::BasicConstraintsTwice,
];

fn openssl_verdicts(scenario: &Scenario) -> Vec<Result<(), String>> {
    let leaves: Vec<_> = scenario.leaves.iter().map(|leaf| &leaf.certificate).collect();
    let roots: Vec<_> = scenario.roots.iter().collect();
    let intermediates: Vec<_> = scenario.intermediates.iter().collect();
    // Policies are looked at only on request.
    openssl::verify_all(&leaves, &roots, &intermediates, scenario.at, &["-policy_check"])
}

#[test]
fn scenarios_mean_what_they_say() {
    let (mut good, mut bad) = (0, 0);
    for scenario in (0..60).map(Scenario::generate) {
        for (leaf, verdict) in scenario.leaves.iter().zip(openssl_verdicts(&scenario)) {
            let told =
                format!("seed {} {:?}, leaf {:?}: {verdict:?}", scenario.seed, scenario.twists, leaf.twists);
            match verdict {
                Ok(()) => {
                    good += 1;
                    // Of two twists one may undo the other.
                    assert!(!matches!(leaf.twists[..], [twist] if FATAL.contains(&twist)), "{told}");
                }
                Err(_) => {
                    bad += 1;
                    assert!(!(leaf.twists.is_empty() && scenario.twists.is_empty()), "{told}");
                }
            }
        }
    }
    // Neither verdict may be so rare that the comparison would say little.
    assert!(good > bad / 3 && bad > good / 3, "{good} good and {bad} bad");
}
