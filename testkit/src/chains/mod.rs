//! Random chains with random defects, for comparing validators: the same for the same seed, except for keys and ECDSA
//! signatures.
//!
//! A [`Scenario`] is a small PKI, a root with one to four intermediates in a row and whatever stands beside them,
//! under which a number of leaves hang at every depth. Leaves share the CAs because that makes 20,000 chains a matter
//! of seconds, and because a validator that remembers things must not mix them up.

mod random;
mod twist;

use misp_onboarding::Timestamp;

use self::random::Random;
pub use self::twist::Twist;
use crate::pki::{Certificate, CertificateBuilder, Key, KeyKind};

/// A PKI and leaves to validate against it.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// What it was made from; 0 where [`Scenario::choose`] made it.
    pub seed: u64,
    /// The instant to validate at, a whole second.
    pub at: Timestamp,
    /// The trusted roots, at least one, self-signed.
    pub roots: Vec<Certificate>,
    /// All other CA certificates, in no order.
    pub intermediates: Vec<Certificate>,
    /// What was done to the CAs, by their place from the root (0) down.
    pub twists: Vec<(usize, Twist)>,
    /// The leaves.
    pub leaves: Vec<Leaf>,
}

/// A leaf of a scenario.
#[derive(Clone, Debug)]
pub struct Leaf {
    /// The certificate.
    pub certificate: Certificate,
    /// The place of its issuer, from the root (0) down; its own where it is one of the CA certificates.
    pub issuer: usize,
    /// What was done to it.
    pub twists: Vec<Twist>,
}

/// How many leaves a scenario has that belongs to a seed.
pub const LEAVES: usize = 16;

/// Most intermediates between root and leaf, not counting what a [`Twist`] adds.
pub const MAX_INTERMEDIATES: usize = 4;

impl Scenario {
    /// The scenario that belongs to `seed`.
    pub fn generate(seed: u64) -> Self {
        Self::draw(seed, LEAVES, &mut Random::new(seed))
    }

    /// The scenario with so many leaves in which everything is decided by `choices`, one byte for a decision, and by a
    /// fixed seed where they end. So a fuzzer changes one thing at a time.
    pub fn choose(choices: &[u8], leaves: usize) -> Self {
        Self::draw(0, leaves, &mut Random::choosing(choices))
    }

    fn draw(seed: u64, leaves: usize, random: &mut Random<'_>) -> Self {
        // A few years back and forth; never a date that has its own rules for being written.
        let at = Timestamp::from_unix_seconds(1_700_000_000 + random.below(200_000_000) as i64);
        let mut scenario = Self {
            seed,
            at,
            roots: Vec::new(),
            intermediates: Vec::new(),
            twists: Vec::new(),
            leaves: Vec::new(),
        };
        let authorities = scenario.add_authorities(random);
        for _ in 0..leaves {
            scenario.add_leaf(&authorities, random);
        }
        let mut intermediates = std::mem::take(&mut scenario.intermediates);
        random.shuffle(&mut intermediates);
        scenario.intermediates = intermediates;
        scenario
    }

    /// The certificates a leaf can be issued by, by their place from the root down.
    fn add_authorities(&mut self, random: &mut Random<'_>) -> Vec<Certificate> {
        let count = 2 + random.below(MAX_INTERMEDIATES);
        self.twists = twist::of_authorities(count, random);
        let other_root = self.authority(CertificateBuilder::root("Other Root CA"), random).self_signed();
        let mut authorities: Vec<Certificate> = Vec::new();
        for place in 0..count {
            let twists: Vec<_> =
                self.twists.iter().filter(|(of, _)| *of == place).map(|(_, twist)| *twist).collect();
            let issuer = authorities.last();
            let mut builder = match issuer {
                None => CertificateBuilder::root("Random Root CA"),
                Some(_) => CertificateBuilder::intermediate(&format!("Random CA {place}")),
            };
            builder = self.authority(builder, random);
            let plain = builder.clone();
            for twist in &twists {
                builder = twist.apply(builder, issuer, self.at, random);
            }
            let certificate = match issuer {
                None => builder.self_signed(),
                Some(issuer) => builder.issued_by(issuer),
            };
            match issuer {
                None if twists.contains(&Twist::Untrusted) => self.intermediates.push(certificate.clone()),
                None => self.roots.push(certificate.clone()),
                Some(issuer) => {
                    self.add_intermediate(&certificate, &plain, &twists, issuer, &other_root, random)
                }
            }
            let rolled = twists.contains(&Twist::Rollover).then(|| self.rollover(&certificate, random));
            authorities.push(rolled.unwrap_or(certificate));
        }
        if self.roots.is_empty() || random.chance(50) {
            self.roots.push(other_root);
        }
        random.shuffle(&mut self.roots);
        authorities
    }

    /// What every CA of a scenario has by chance.
    fn authority(&self, builder: CertificateBuilder, random: &mut Random<'_>) -> CertificateBuilder {
        builder.key(key(random)).valid(self.at.plus_days(-400), self.at.plus_days(4_000))
    }

    fn add_intermediate(
        &mut self,
        certificate: &Certificate,
        plain: &CertificateBuilder,
        twists: &[Twist],
        issuer: &Certificate,
        other_root: &Certificate,
        random: &mut Random<'_>,
    ) {
        if !twists.contains(&Twist::Missing) {
            self.intermediates.push(certificate.clone());
        }
        for twist in twists {
            match twist {
                Twist::Namesake => {
                    let key = Key::p256("namesake");
                    self.intermediates.push(plain.clone().key(key).issued_by(issuer));
                }
                Twist::ExpiredPredecessor => {
                    let ended = self.at.plus_days(-30);
                    self.intermediates.push(plain.clone().not_after(ended).issued_by(issuer));
                }
                Twist::CrossSigned => {
                    let crossed = certificate.to_builder().usual_signature().issued_by(other_root);
                    self.intermediates.push(crossed);
                }
                _ => {}
            }
        }
        if random.chance(5) {
            // The same certificate twice, as uploads have it.
            self.intermediates.push(certificate.clone());
        }
    }

    /// The CA's new key, certified by its old one: self-issued, so that it does not count for the path length.
    fn rollover(&mut self, certificate: &Certificate, random: &mut Random<'_>) -> Certificate {
        let rolled = certificate.to_builder().key(key(random)).usual_signature().issued_by(certificate);
        self.intermediates.push(rolled.clone());
        rolled
    }

    fn add_leaf(&mut self, authorities: &[Certificate], random: &mut Random<'_>) {
        let place = random.below(authorities.len());
        let issuer = &authorities[place];
        if random.chance(2) {
            // A CA certificate is as good an end of a path as any other.
            self.leaves.push(Leaf { certificate: issuer.clone(), issuer: place, twists: Vec::new() });
            return;
        }
        let count = match random.below(10) {
            0..4 => 0,
            4..8 => 1,
            _ => 2,
        };
        let twists: Vec<_> = (0..count).map(|_| Twist::of_leaf(random)).collect();
        let organization = *random.pick(&["Example Bank", "Other Bank", "Third Telecom"]);
        let mut builder = CertificateBuilder::partner(organization)
            .key(key(random))
            .valid(self.at.plus_days(-1), self.at.plus_days(400));
        if self.twists.iter().any(|(_, twist)| twist.concerns_policies()) && random.chance(90) {
            builder = Twist::Policies.apply(builder, Some(issuer), self.at, random);
        }
        if self.twists.iter().any(|(_, twist)| *twist == Twist::NameConstraints) && random.chance(60) {
            builder = Twist::AlternativeNames.apply(builder, Some(issuer), self.at, random);
        }
        for twist in &twists {
            builder = twist.apply(builder, Some(issuer), self.at, random);
        }
        self.leaves.push(Leaf { certificate: builder.issued_by(issuer), issuer: place, twists });
    }
}

/// Keys are few and shared, because making them costs more than all the rest; RSA, slow to sign with, is rare.
fn key(random: &mut Random<'_>) -> Key {
    let kind = match random.below(100) {
        0..60 => KeyKind::P256,
        60..94 => KeyKind::Ed25519,
        94..97 => KeyKind::P384,
        97 => KeyKind::P521,
        _ => KeyKind::Rsa2048,
    };
    let labels = if kind == KeyKind::Rsa2048 { 2 } else { 64 };
    Key::new(kind, &format!("random {}", random.below(labels)))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_scenario() {
        // Keys and ECDSA signatures differ from run to run, so it is what was decided that is compared.
        let told = |seed| {
            let Scenario { at, roots, intermediates, twists, leaves, .. } = Scenario::generate(seed);
            let keys = |certificates: &[Certificate]| -> Vec<_> {
                certificates.iter().map(|of| (of.subject().der(), of.key().clone())).collect()
            };
            let leaves: Vec<_> = leaves
                .into_iter()
                .map(|leaf| (leaf.twists, leaf.issuer, keys(&[leaf.certificate])))
                .collect();
            (at, keys(&roots), keys(&intermediates), twists, leaves)
        };
        for seed in 0..20 {
            assert_eq!(told(seed), told(seed), "{seed}");
        }
        assert_ne!(told(0), told(1));
    }

    #[test]
    fn every_twist_occurs() {
        let found: HashSet<_> = (0..400)
            .map(Scenario::generate)
            .flat_map(|scenario| {
                let of_leaves = scenario.leaves.into_iter().flat_map(|leaf| leaf.twists);
                scenario.twists.into_iter().map(|(_, twist)| twist).chain(of_leaves).collect::<Vec<_>>()
            })
            .collect();
        for twist in Twist::all() {
            assert!(found.contains(&twist), "{twist:?}");
        }
    }
}
