//! Random chains, judged by OpenSSL and by us: the verdicts are equal, except for listed and explained differences.
//!
//! `SCENARIOS=6000` judges 96,000 chains instead of 20,000; `FIRST_SCENARIO=7` begins at another seed;
//! `-- --nocapture` shows the numbers.
#![allow(clippy::unwrap_used, clippy::expect_used)]
#![allow(clippy::print_stdout, reason = "the numbers are the result of a long run")]

mod exceptions;
#[path = "../openssl/mod.rs"]
mod openssl;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use misp_onboarding::certificate::path::{PathError, PathOptions, TrustAnchors, VerifiedPath, verify_path};
use misp_onboarding::certificate::{Certificate, default_verifier};
use misp_onboarding_testkit::chains::{Leaf, Scenario, Twist};
use misp_onboarding_testkit::pki;

use exceptions::{EXCEPTIONS, Exception};

/// A leaf that the two judge differently.
struct Difference<'a> {
    scenario: &'a Scenario,
    leaf: &'a Leaf,
    /// Why we refuse it; `None` where we accept it.
    ours: Option<String>,
    /// Why OpenSSL refuses it; `None` where it accepts it.
    theirs: Option<String>,
}

impl Difference<'_> {
    /// Whether `twist` was done to the leaf or to a CA above it.
    fn has(&self, twist: Twist) -> bool {
        self.leaf.twists.contains(&twist)
            || self.scenario.twists.iter().any(|(place, of)| *of == twist && *place <= self.leaf.issuer)
    }

    /// Whether `twist` was done to the CA at `place`, counted from the root (0) down.
    fn has_at(&self, place: usize, twist: Twist) -> bool {
        self.scenario.twists.contains(&(place, twist))
    }

    /// Whether the leaf is one of the trusted roots.
    fn is_a_root(&self) -> bool {
        self.scenario.roots.contains(&self.leaf.certificate)
    }

    fn has_alternative_names(&self) -> bool {
        let oid = pki::der::oid(pki::oid::SUBJECT_ALT_NAME);
        self.leaf.certificate.der().windows(oid.len()).any(|window| window == oid)
    }

    /// Whether the leaf is one of the other CA certificates.
    fn is_a_ca(&self) -> bool {
        self.scenario.intermediates.contains(&self.leaf.certificate)
    }

    /// Whether the leaf or a CA certificate is none to us. Where it is a CA's, what we say is that the issuer is missing,
    /// or why another one is not it.
    fn is_unreadable(&self) -> bool {
        let Scenario { roots, intermediates, .. } = self.scenario;
        let all = roots.iter().chain(intermediates).chain([&self.leaf.certificate]);
        all.into_iter().any(|one| Certificate::from_der(one.der()).is_err())
    }

    fn we_accept(&self) -> bool {
        self.ours.is_none()
    }

    fn we_refuse(&self, reason: &str) -> bool {
        self.ours.as_ref().is_some_and(|ours| ours.contains(reason))
    }

    fn they_refuse(&self, reason: &str) -> bool {
        self.theirs.as_ref().is_some_and(|theirs| theirs.contains(reason))
    }

    /// The rule by which the one refuses that the other accepts.
    fn kind(&self) -> String {
        let code = self.ours.as_deref().and_then(|ours| ours.split(": ").next());
        format!("{} / {}", code.unwrap_or("good"), self.theirs.as_deref().unwrap_or("good"))
    }

    fn told(&self) -> String {
        let place = self.scenario.leaves.iter().position(|leaf| std::ptr::eq(leaf, self.leaf)).unwrap();
        format!(
            "seed {} leaf {place} {:?} below {:?} of {:?}\n  ours: {}\n  OpenSSL: {}",
            self.scenario.seed,
            self.leaf.twists,
            self.leaf.issuer,
            self.scenario.twists,
            self.ours.as_deref().unwrap_or("good"),
            self.theirs.as_deref().unwrap_or("good"),
        )
    }
}

#[derive(Default)]
struct Tally {
    both_accept: usize,
    both_refuse: usize,
    /// OpenSSL accepts the path we found, but does not find it among the others.
    found_only_by_us: usize,
    /// By the exception's name: how often, and the seed of the first of them.
    excepted: BTreeMap<&'static str, (usize, u64)>,
    /// By what the two say: how often, and the first of them in full.
    unexplained: BTreeMap<String, (usize, String)>,
}

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).map_or(default, |text| text.parse().expect(variable))
}

#[test]
fn verdicts_equal_those_of_openssl() {
    let first = number("FIRST_SCENARIO", 0);
    let last = first + number("SCENARIOS", 1_250);
    let next = AtomicU64::new(first);
    let work = || {
        let mut tally = Tally::default();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= last {
                return tally;
            }
            compare(&Scenario::generate(seed), &mut tally);
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let tallies: Vec<Tally> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).collect()
    });

    let mut total = Tally::default();
    for tally in tallies {
        total.both_accept += tally.both_accept;
        total.both_refuse += tally.both_refuse;
        total.found_only_by_us += tally.found_only_by_us;
        for (kind, (count, first)) in tally.unexplained {
            total.unexplained.entry(kind).or_insert((0, first)).0 += count;
        }
        for (name, (count, seed)) in tally.excepted {
            let so_far = total.excepted.entry(name).or_insert((0, seed));
            *so_far = (so_far.0 + count, so_far.1.min(seed));
        }
    }
    let summary = format!(
        "both accept {}, both refuse {}, found only by us {}, excepted {:?}",
        total.both_accept, total.both_refuse, total.found_only_by_us, total.excepted
    );
    let unexplained: Vec<_> =
        total.unexplained.values().map(|(count, first)| format!("{count} like {first}")).collect();
    println!("{summary}");
    assert!(unexplained.is_empty(), "{summary}\nnot explained:\n{}", unexplained.join("\n"));
    // Neither verdict may be so rare that the comparison would say little.
    let (good, bad) = (total.both_accept, total.both_refuse);
    assert!(good > bad / 3 && bad > good / 3, "{summary}");
}

#[test]
fn every_exception_is_needed() {
    for Exception { name, seen_in, .. } in EXCEPTIONS {
        let mut tally = Tally::default();
        compare(&Scenario::generate(*seen_in), &mut tally);
        assert!(tally.excepted.contains_key(name), "seed {seen_in} has no {name:?}: {:?}", tally.excepted);
    }
}

fn compare(scenario: &Scenario, tally: &mut Tally) {
    let theirs = openssl_verdicts(scenario);
    let ours = our_verdicts(scenario);
    for ((leaf, ours), theirs) in scenario.leaves.iter().zip(ours).zip(theirs) {
        let theirs = match (&ours, theirs) {
            (Ok(path), Err(_)) => match openssl_verdict_on(path, scenario) {
                Ok(()) => {
                    tally.found_only_by_us += 1;
                    continue;
                }
                of_our_path => of_our_path,
            },
            (_, theirs) => theirs,
        };
        match (&ours, &theirs) {
            (Ok(_), Ok(())) => tally.both_accept += 1,
            (Err(_), Err(_)) => tally.both_refuse += 1,
            (Ok(_), Err(_)) | (Err(_), Ok(())) => {
                let difference = Difference { scenario, leaf, ours: ours.err(), theirs: theirs.err() };
                match EXCEPTIONS.iter().find(|exception| (exception.applies)(&difference)) {
                    Some(exception) => {
                        tally.excepted.entry(exception.name).or_insert((0, scenario.seed)).0 += 1;
                    }
                    None => {
                        let first = || (0, difference.told());
                        tally.unexplained.entry(difference.kind()).or_insert_with(first).0 += 1;
                    }
                }
            }
        }
    }
}

/// What we say of each leaf, and the path. Certificates that cannot be read are none: no upload would let them in.
fn our_verdicts(scenario: &Scenario) -> Vec<Result<VerifiedPath, String>> {
    let read = |certificates: &[pki::Certificate]| -> Vec<Certificate> {
        certificates.iter().filter_map(|one| Certificate::from_der(one.der()).ok()).collect()
    };
    let (roots, intermediates) = (read(&scenario.roots), read(&scenario.intermediates));
    let options = PathOptions::at(scenario.at);
    let anchors = TrustAnchors::load(roots.clone(), intermediates.clone(), [], &*default_verifier());
    scenario
        .leaves
        .iter()
        .map(|leaf| {
            let leaf = Certificate::from_der(leaf.certificate.der()).map_err(|error| error.to_string())?;
            let verdict = anchors.verify(&leaf, &[], &options);
            // A trust store that remembers signatures says the same as one that has never seen them.
            let afresh = verify_path(&leaf, &roots, &intermediates, &options);
            assert_eq!(verdict.as_ref().ok(), afresh.as_ref().ok(), "seed {}", scenario.seed);
            assert_eq!(
                verdict.as_ref().err().map(PathError::code),
                afresh.as_ref().err().map(PathError::code),
                "seed {}",
                scenario.seed
            );
            verdict.map_err(|error| format!("{}: {error}", error.code()))
        })
        .collect()
}

fn openssl_verdicts(scenario: &Scenario) -> Vec<Result<(), String>> {
    let leaves: Vec<_> = scenario.leaves.iter().map(|leaf| leaf.certificate.der()).collect();
    let roots: Vec<_> = scenario.roots.iter().map(pki::Certificate::der).collect();
    let intermediates: Vec<_> = scenario.intermediates.iter().map(pki::Certificate::der).collect();
    openssl::verify_all(&leaves, &roots, &intermediates, scenario.at, OPTIONS)
}

/// Policies are looked at only on request, and any of them is good (RFC 5280 section 6.1.1 (c)).
const OPTIONS: &[&str] = &["-policy_check", "-policy", "anyPolicy"];

/// What OpenSSL says of this very path, when it has no other to choose. It takes the first issuer that fits and never
/// goes back, so among several it may miss the good one.
fn openssl_verdict_on(path: &VerifiedPath, scenario: &Scenario) -> Result<(), String> {
    let certificates: Vec<_> = path.leaf_to_root().iter().map(Certificate::der).collect();
    let (leaf, root) = (certificates[0], certificates[certificates.len() - 1]);
    let between = certificates.get(1..certificates.len() - 1).unwrap_or_default();
    openssl::verify_all(&[leaf], &[root], between, scenario.at, OPTIONS).remove(0)
}

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

#[test]
fn scenarios_mean_what_they_say() {
    for scenario in (0..40).map(Scenario::generate) {
        for (leaf, verdict) in scenario.leaves.iter().zip(openssl_verdicts(&scenario)) {
            let told =
                format!("seed {} {:?}, leaf {:?}: {verdict:?}", scenario.seed, scenario.twists, leaf.twists);
            match verdict {
                // Of two twists one may undo the other.
                Ok(()) => assert!(!matches!(leaf.twists[..], [twist] if FATAL.contains(&twist)), "{told}"),
                Err(_) => assert!(!(leaf.twists.is_empty() && scenario.twists.is_empty()), "{told}"),
            }
        }
    }
}
