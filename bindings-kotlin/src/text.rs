//! Values that are text, numbers or instants in Kotlin, with a name of their own.

use misp_onboarding::Timestamp;
use misp_onboarding::certificate::{Fingerprint, Sha1Fingerprint, SignatureAlgorithm};
use misp_onboarding::event::EventSequence;
use misp_onboarding::id::{
    ActorId, CaCertificateId, LicenseKeyId, PartnerCertificateId, PolicyGroupId, PolicyId, PolicyLinkId,
    Version,
};
use misp_onboarding::license_key::{LicenseKeyDigest, LicenseKeyName};
use misp_onboarding::list::Cursor;
use misp_onboarding::partner::{Address, ContactNumber, EmailAddress, Language, OrganizationName, PartnerId};
use misp_onboarding::policy::{PolicyDocument, PolicyGroupName, PolicyName};
use misp_onboarding::text::{Comment, Description, Substring};
use misp_onboarding::trust_store::TrustDomain;

use crate::convert::{Mirror, same};
use crate::error::OnboardingError;
use crate::write::write_copies;

/// Types that are text in Kotlin: written by `$show`, checked by `FromStr` when they come back.
macro_rules! text_types {
    ($($(#[$doc:meta])* $name:ident $show:ident;)+) => {
        $(uniffi::custom_type!(
            $(#[$doc])*
            $name, String, {
                remote,
                lower: |value| String::from(value.$show()),
                try_lift: |text| text
                    .parse()
                    .map_err(|problem| OnboardingError::argument(stringify!($name), problem).into())
            }
        );
        same!($name);)+
    };
}

text_types! {
    /// A CA certificate of the trust store.
    CaCertificateId to_string;
    /// A certificate that a partner uploaded.
    PartnerCertificateId to_string;
    /// A policy group.
    PolicyGroupId to_string;
    /// A policy.
    PolicyId to_string;
    /// A partner's approved or requested right to a policy.
    PolicyLinkId to_string;
    /// A license key record; says nothing about the key itself.
    LicenseKeyId to_string;
    /// Who acts, as the host authenticated them: 1 to 128 characters.
    ActorId as_str;
    /// What somebody says about a request, a decision or a distrust: 1 to 500 characters.
    Comment as_str;
    /// What a policy group or a policy is for: 1 to 256 characters.
    Description as_str;
    /// A policy group's name: 1 to 128 characters, unique without regard to case.
    PolicyGroupName as_str;
    /// A policy's name: 1 to 128 characters, unique in its group without regard to case.
    PolicyName as_str;
    /// A MISP policy document: a JSON object of at most 5120 characters, kept to the letter.
    ///
    /// `allowAuthRequestDelegation` and `allowKycRequestDelegation` must be booleans;
    /// `trustBindedAuthVerificationToken` and `allowKeyBindingDelegation` may be; any other member is kept as it is. A
    /// member named twice is refused, since readers differ on which one counts.
    PolicyDocument as_str;
    /// A license key's name: 1 to 128 characters, inner white space collapsed. Unique without regard to case among
    /// the partner's keys that are neither deactivated nor replaced.
    LicenseKeyName as_str;
    /// SHA-256 of a license key, or HMAC-SHA-256 under the host's pepper, as 64 hexadecimal digits.
    LicenseKeyDigest to_string;
    /// A partner's id: 1 to 36 characters, a letter of any script first, then letters, digits, marks, `.`, `_`, `-`.
    /// Unique without regard to case.
    PartnerId as_str;
    /// The organization's name: 1 to 128 characters. The certificate's subject O must equal it.
    OrganizationName as_str;
    /// A postal address: 1 to 2000 characters.
    Address as_str;
    /// A telephone number: 1 to 16 digits, spaces, `+`, `-`, `(`, `)`, at least one of them a digit.
    ContactNumber as_str;
    /// An email address of at most 254 characters. Unique without regard to case.
    EmailAddress as_str;
    /// A language by its ISO 639-3 code: three lower-case letters `a` to `z`.
    Language as_str;
    /// The scope of trust: 1 to 36 letters `A` to `Z`, digits and `_`; read without regard to case.
    TrustDomain as_str;
    /// The SHA-256 of a certificate, its identity everywhere: 64 hexadecimal digits.
    Fingerprint to_string;
    /// The SHA-1 of a certificate, shown because other tools show it; nothing is decided by it.
    Sha1Fingerprint to_string;
    /// How a certificate is signed, by its common name such as `SHA256withRSA`.
    SignatureAlgorithm to_string;
    /// What the text of a name must contain, without regard to case; `%`, `_` and `*` are ordinary characters.
    Substring folded;
    /// Where a page ended: opaque text, good for the same list in the same order.
    Cursor as_str;
}

uniffi::custom_type!(
    /// An instant, kept to the microsecond: digits beyond are cut off, and an instant outside of the years -9999 to
    /// 9999 becomes the nearest one within.
    Timestamp, i64, {
        remote,
        lower: |instant| instant.unix_micros(),
        try_lift: |micros| Ok(Timestamp::from_unix_micros(micros))
    }
);

uniffi::custom_type!(
    /// How often a record has changed: 1 when it was created, one more with each change.
    Version, i64, {
        remote,
        lower: |version| i64::from(version.number()),
        // A store that answers with more than the engine counts has made it up; the highest is never expected.
        try_lift: |number| Ok(Version::new(u32::try_from(number).unwrap_or(u32::MAX)))
    }
);

uniffi::custom_type!(
    /// A place in the order of events; 0 is before the first one.
    EventSequence, i64, {
        remote,
        lower: |place| Mirror::of(place.number()),
        try_lift: |number| Ok(EventSequence::new(Mirror::of(number)))
    }
);

same!(Timestamp, Version, EventSequence);
write_copies!(Timestamp as Timestamp, Fingerprint as Fingerprint, Sha1Fingerprint as Sha1Fingerprint);
