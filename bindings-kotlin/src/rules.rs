//! Who acts, and what a country configures.

use misp_onboarding::certificate::{Curve, OrganizationMatch, Profile, SignatureAlgorithm};
use misp_onboarding::id::ActorId;
use misp_onboarding::partner::Language;
use misp_onboarding::trust_store::TrustDomain;
use misp_onboarding::{self as core, Role};

use crate::convert::{Mirror, same};
use crate::error::OnboardingError;

/// What an actor may do.
#[uniffi::remote(Enum)]
pub enum Role {
    /// May do everything but write policies.
    PartnerAdmin,
    /// May write policies and policy groups, and read everything.
    PolicyManager,
}

same!(Role);

/// Who gives a command, as the host authenticated them. Recorded on every change.
#[derive(Clone, Debug, uniffi::Record)]
pub struct Actor {
    /// The actor's id.
    pub id: ActorId,
    /// What the actor may do.
    pub roles: Vec<Role>,
}

impl From<Actor> for core::Actor {
    fn from(actor: Actor) -> Self {
        Self::new(actor.id, actor.roles)
    }
}

/// The engine's configuration. What is null has its default.
#[derive(Clone, Debug, uniffi::Record)]
pub struct Rules {
    /// The languages that partners may choose, ISO 639-3; a partner that chooses none gets the first. Default:
    /// `eng`, `fra`, `ara`.
    #[uniffi(default = None)]
    pub languages: Option<Vec<Language>>,
    /// The trust domains that CA certificates can be uploaded to. Default: `AUTH`, `DEVICE`, `FTM`.
    #[uniffi(default = None)]
    pub trust_domains: Option<Vec<TrustDomain>>,
    /// The trust domain that partner certificates are validated in. Default: `AUTH`.
    #[uniffi(default = None)]
    pub partner_domain: Option<TrustDomain>,
    /// What certificates must fulfil.
    #[uniffi(default)]
    pub certificate: CertificateRules,
    /// How long license keys are good.
    #[uniffi(default)]
    pub license_key: LicenseKeyRules,
    /// Whether a policy request must be approved by somebody else than its requester. Default: no.
    #[uniffi(default = false)]
    pub approver_must_differ: bool,
}

/// What certificates must fulfil. Days have 24 hours. What is null has its default.
#[derive(Clone, Debug, uniffi::Record)]
pub struct CertificateRules {
    /// The fewest days that a partner certificate must have left. Default: 335, a year less 30 days of grace
    /// (`KER-KMS-021`).
    #[uniffi(default = None)]
    pub min_days_left: Option<i32>,
    /// The fewest calendar months that a CA certificate must have left. Default: 12 (`KER-PCM-017`).
    #[uniffi(default = None)]
    pub ca_min_months_left: Option<i32>,
    /// The fewest bits of an RSA key. Default: 2048 (`KER-PCM-013`).
    #[uniffi(default = None)]
    pub min_rsa_bits: Option<i32>,
    /// The elliptic curves that keys may use. Default: `P-256`, `P-384`, `P-521`.
    #[uniffi(default = None)]
    pub allowed_curves: Option<Vec<String>>,
    /// The algorithms that certificates may be signed with. Default: SHA-256/384/512 with RSA (PKCS #1 or PSS) or
    /// ECDSA, and Ed25519 (`KER-PCM-014`).
    #[uniffi(default = None)]
    pub allowed_signature_algorithms: Option<Vec<SignatureAlgorithm>>,
    /// How the organization is compared. Default: exactly (`KER-PCM-008`).
    #[uniffi(default = None)]
    pub organization_match: Option<OrganizationMatch>,
    /// Which path validation is asked of partner certificates and CA certificates. Default: the default profile.
    #[uniffi(default = None)]
    pub profile: Option<Profile>,
}

/// How long license keys are good, in days of 24 hours. What is null has its default.
#[derive(Clone, Debug, uniffi::Record)]
pub struct LicenseKeyRules {
    /// Validity of a key for which none was chosen. Default: 90.
    #[uniffi(default = None)]
    pub default_validity_days: Option<i32>,
    /// The longest validity. Default: 1825.
    #[uniffi(default = None)]
    pub max_validity_days: Option<i32>,
    /// The longest time for which a replaced key stays good. Default: 30.
    #[uniffi(default = None)]
    pub max_overlap_days: Option<i32>,
}

/// Sets what was given.
fn set<T: Mirror<G>, G>(field: &mut T, given: Option<G>) {
    if let Some(given) = given {
        *field = T::of(given);
    }
}

impl TryFrom<Rules> for core::Rules {
    type Error = OnboardingError;

    fn try_from(rules: Rules) -> Result<Self, OnboardingError> {
        let mut core = Self::default();
        set(&mut core.languages, rules.languages);
        set(&mut core.trust_domains, rules.trust_domains);
        set(&mut core.partner_domain, rules.partner_domain);
        core.certificate = rules.certificate.try_into()?;
        set(&mut core.license_key.default_validity_days, rules.license_key.default_validity_days);
        set(&mut core.license_key.max_validity_days, rules.license_key.max_validity_days);
        set(&mut core.license_key.max_overlap_days, rules.license_key.max_overlap_days);
        core.approver_must_differ = rules.approver_must_differ;
        Ok(core)
    }
}

impl TryFrom<CertificateRules> for core::certificate::CertificateRules {
    type Error = OnboardingError;

    fn try_from(rules: CertificateRules) -> Result<Self, OnboardingError> {
        let mut core = Self::default();
        set(&mut core.min_days_left, rules.min_days_left);
        set(&mut core.ca_min_months_left, rules.ca_min_months_left);
        set(&mut core.min_rsa_bits, rules.min_rsa_bits);
        if let Some(names) = rules.allowed_curves {
            core.allowed_curves = names.iter().map(|name| curve(name)).collect::<Result<_, _>>()?;
        }
        set(&mut core.allowed_signature_algorithms, rules.allowed_signature_algorithms);
        set(&mut core.organization_match, rules.organization_match);
        set(&mut core.profile, rules.profile);
        Ok(core)
    }
}

fn curve(name: &str) -> Result<Curve, OnboardingError> {
    let known = [Curve::P256, Curve::P384, Curve::P521];
    let found = known.into_iter().find(|curve| curve.to_string() == name);
    found.ok_or_else(|| {
        OnboardingError::argument("Curve", format!("P-256, P-384 or P-521 needed, found {name:?}"))
    })
}

/// Every setting, whether it was given or is the default.
impl From<&core::Rules> for Rules {
    fn from(core: &core::Rules) -> Self {
        let (certificate, license_key) = (&core.certificate, core.license_key);
        Self {
            languages: Some(core.languages.clone()),
            trust_domains: Some(core.trust_domains.clone()),
            partner_domain: Some(core.partner_domain.clone()),
            certificate: CertificateRules {
                min_days_left: Some(Mirror::of(certificate.min_days_left)),
                ca_min_months_left: Some(Mirror::of(certificate.ca_min_months_left)),
                min_rsa_bits: Some(Mirror::of(certificate.min_rsa_bits)),
                allowed_curves: Some(certificate.allowed_curves.iter().map(ToString::to_string).collect()),
                allowed_signature_algorithms: Some(certificate.allowed_signature_algorithms.clone()),
                organization_match: Some(certificate.organization_match),
                profile: Some(certificate.profile),
            },
            license_key: LicenseKeyRules {
                default_validity_days: Some(Mirror::of(license_key.default_validity_days)),
                max_validity_days: Some(Mirror::of(license_key.max_validity_days)),
                max_overlap_days: Some(Mirror::of(license_key.max_overlap_days)),
            },
            approver_must_differ: core.approver_must_differ,
        }
    }
}
