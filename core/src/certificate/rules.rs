//! What certificates must fulfil: every number and list of the certificate rules that a country may set.

use serde::{Deserialize, Serialize};

use super::{Curve, KeyAlgorithm, Profile, SignatureAlgorithm};
use crate::state::state_enum;

state_enum!(
    /// How the certificate's subject O is compared with the partner's organization name.
    OrganizationMatch {
        /// Every character must be equal, after NFC.
        Exact = "exact",
        /// Case and white space do not count.
        Loose = "loose",
    }
);

/// What certificates must fulfil. Days have 24 hours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct CertificateRules {
    /// The fewest days that a partner certificate must have left. Default: 335, a year less 30 days of grace
    /// (`KER-KMS-021`).
    pub min_days_left: u32,
    /// The fewest calendar months that a CA certificate must have left. Default: 12 (`KER-PCM-017`).
    pub ca_min_months_left: u32,
    /// The fewest bits of an RSA key. Default: 2048 (`KER-PCM-013`).
    pub min_rsa_bits: u32,
    /// The elliptic curves that keys may use. Default: P-256, P-384, P-521.
    #[serde(with = "curve_names")]
    pub allowed_curves: Vec<Curve>,
    /// The algorithms that certificates may be signed with. Default: SHA-256/384/512 with RSA (PKCS #1 or PSS) or
    /// ECDSA, and Ed25519 (`KER-PCM-014`).
    pub allowed_signature_algorithms: Vec<SignatureAlgorithm>,
    /// How the organization is compared. Default: exactly (`KER-PCM-008`).
    pub organization_match: OrganizationMatch,
    /// Which path validation is asked of partner certificates and CA certificates. Default: the default profile.
    pub profile: Profile,
}

impl Default for CertificateRules {
    fn default() -> Self {
        Self {
            min_days_left: 335,
            ca_min_months_left: 12,
            min_rsa_bits: 2_048,
            allowed_curves: vec![Curve::P256, Curve::P384, Curve::P521],
            allowed_signature_algorithms: vec![
                SignatureAlgorithm::RsaPkcs1Sha256,
                SignatureAlgorithm::RsaPkcs1Sha384,
                SignatureAlgorithm::RsaPkcs1Sha512,
                SignatureAlgorithm::RsaPssSha256,
                SignatureAlgorithm::RsaPssSha384,
                SignatureAlgorithm::RsaPssSha512,
                SignatureAlgorithm::EcdsaSha256,
                SignatureAlgorithm::EcdsaSha384,
                SignatureAlgorithm::EcdsaSha512,
                SignatureAlgorithm::Ed25519,
            ],
            organization_match: OrganizationMatch::Exact,
            profile: Profile::Default,
        }
    }
}

impl CertificateRules {
    /// Checks that the settings make sense.
    pub(crate) fn check(&self, need: &mut impl FnMut(bool, &str, String)) {
        let a_century = 36_525;
        need(
            self.min_days_left <= a_century,
            "at most 36525 days left asked for",
            self.min_days_left.to_string(),
        );
        let months = self.ca_min_months_left;
        need(months <= 1_200, "at most 1200 months left asked for", months.to_string());
        need(
            (1_024..=16_384).contains(&self.min_rsa_bits),
            "a smallest RSA key of 1024 to 16384 bits",
            self.min_rsa_bits.to_string(),
        );
        need(
            !self.allowed_signature_algorithms.is_empty(),
            "at least one signature algorithm",
            "none".to_owned(),
        );
    }

    /// What the rules need of a key where this one does not fulfil them.
    pub(crate) fn key_fault(&self, key: &KeyAlgorithm) -> Option<String> {
        match key {
            KeyAlgorithm::Rsa { bits } if *bits >= self.min_rsa_bits => None,
            KeyAlgorithm::Rsa { .. } => Some(format!("an RSA key of at least {} bits", self.min_rsa_bits)),
            KeyAlgorithm::Ec { curve } if self.allowed_curves.contains(curve) => None,
            KeyAlgorithm::Ec { .. } => Some(format!("a curve of {}", join(&self.allowed_curves))),
            KeyAlgorithm::Ed25519 => None,
            KeyAlgorithm::Other { .. } => Some("an RSA, EC or Ed25519 key".to_owned()),
        }
    }

    /// What the rules need of a signature algorithm where this one does not fulfil them.
    pub(crate) fn signature_fault(&self, algorithm: &SignatureAlgorithm) -> Option<String> {
        let allowed = &self.allowed_signature_algorithms;
        (!allowed.contains(algorithm)).then(|| format!("one of {}", join(allowed)))
    }
}

fn join(names: &[impl std::fmt::Display]) -> String {
    names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

mod curve_names {
    use serde::{Deserialize, Deserializer, Serializer, de};

    use super::Curve;

    const NAMED: [Curve; 3] = [Curve::P256, Curve::P384, Curve::P521];

    pub(super) fn serialize<S: Serializer>(curves: &[Curve], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(curves.iter().map(ToString::to_string))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Curve>, D::Error> {
        Vec::<String>::deserialize(deserializer)?
            .into_iter()
            .map(|name| {
                NAMED
                    .into_iter()
                    .find(|curve| curve.to_string() == name)
                    .ok_or_else(|| de::Error::custom(format!("P-256, P-384 or P-521 needed, found {name:?}")))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_out_of_range_are_named() {
        type Change = fn(&mut CertificateRules);
        let cases: [(&str, Change, bool); 9] = [
            ("the defaults", |_| {}, true),
            ("a century left", |rules| rules.min_days_left = 36_525, true),
            ("a day more", |rules| rules.min_days_left = 36_526, false),
            ("1,200 months left", |rules| rules.ca_min_months_left = 1_200, true),
            ("a month more", |rules| rules.ca_min_months_left = 1_201, false),
            ("RSA of 1,023 bits", |rules| rules.min_rsa_bits = 1_023, false),
            ("RSA of 1,024 bits", |rules| rules.min_rsa_bits = 1_024, true),
            ("RSA of 16,385 bits", |rules| rules.min_rsa_bits = 16_385, false),
            ("no algorithm", |rules| rules.allowed_signature_algorithms.clear(), false),
        ];
        for (name, change, good) in cases {
            let mut rules = CertificateRules::default();
            change(&mut rules);
            let mut broken = Vec::new();
            rules.check(&mut |holds, required, found| {
                if !holds {
                    broken.push(format!("{required}, found {found}"));
                }
            });
            assert_eq!(broken.len(), usize::from(!good), "{name}: {broken:?}");
        }
    }
}
