//! What is wrong with a certificate or a file, one finding at a time.

use misp_onboarding::certificate::{self as core, Severity};

use uniffi::Lower;

use super::{CertificateRef, PathProblems};
use crate::UniFfiTag;
use crate::convert::{Mirror, same};
use crate::write::WriteAs;

same!(Severity);

/// How bad a finding is.
#[uniffi::remote(Enum)]
pub enum Severity {
    /// The certificate is refused.
    Error,
    /// The certificate is accepted; somebody should know.
    Warning,
}

/// Declares [`Finding`]: what all findings have, and for each what it is about and what of the engine's it comes from.
macro_rules! findings {
    ($(
        $(#[$doc:meta])* $variant:ident {
            $($(#[$field_doc:meta])* $field:ident: $type:ty = $value:expr,)*
        } from $certificate:pat, $path:pat,
    )+) => {
        /// A rule that a certificate or a file breaks. The class says what the finding is about.
        #[derive(Clone, Debug, uniffi::Enum)]
        pub enum Finding {
            $($(#[$doc])* $variant {
                /// The stable code, such as `certificate.expired`.
                code: String,
                /// MOSIP's code for the same finding, where it has one.
                pms_code: Option<String>,
                /// How bad it is. The rule decides that, not what the finding is about.
                severity: Severity,
                /// Where the rule is written, such as `RFC 5280 section 4.1.2.5`.
                rule: String,
                /// What the rule needs.
                required: String,
                /// What was found.
                found: String,
                /// Whether it refuses the certificate.
                is_error: bool,
                /// The finding in one line.
                text: String,
                $($(#[$field_doc])* $field: $type,)*
            },)+
        }

        impl Mirror<core::Finding> for Finding {
            fn of(core: core::Finding) -> Self {
                let (is_error, text) = (core.is_error(), core.to_string());
                let (code, pms_code) = (Mirror::of(core.code), Mirror::of(core.pms_code));
                let (severity, rule) = (core.severity, Mirror::of(core.rule));
                let (required, found) = (core.required, core.found);
                match (core.certificate, core.path) {
                    $(($certificate, $path) => Self::$variant {
                        code, pms_code, severity, rule, required, found, is_error, text,
                        $($field: $value,)*
                    },)+
                }
            }
        }
    };
}

/// Reports without findings are what is written often.
impl WriteAs<Finding> for core::Finding {
    fn write_as(&self, to: &mut Vec<u8>) {
        <Finding as Lower<UniFfiTag>>::write(Mirror::of(self.clone()), to);
    }
}

findings! {
    /// About a file: it cannot be read, holds what it must not, or has a certificate that cannot be read or named.
    OfFile {} from None, None,
    /// About what one certificate says of itself.
    OfCertificate {
        /// The certificate.
        certificate: CertificateRef = Mirror::of(certificate),
    } from Some(certificate), None,
    /// About the path to a root: none of the candidates is valid.
    OfPath {
        /// The certificate that breaks the rule, on the candidate path that came farthest.
        certificate: CertificateRef = Mirror::of(path.failure.certificate.clone()),
        /// That candidate path, the issuer that is missing, and why each other candidate failed.
        path: PathProblems = Mirror::of(path),
    } from _, Some(path),
}
