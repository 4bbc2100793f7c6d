//! How [`OnboardingError`](super::OnboardingError) is declared.

/// Declares the exception: what all failures have in common, and for each the error of the engine it comes from.
macro_rules! onboarding_errors {
    // Of an area's error, every fact is one of ours.
    (areas {
        $($area:ident($core:ident) {
            $($(#[$doc:meta])* $variant:ident = $core_variant:ident {
                $($(#[$field_doc:meta])* $field:ident: $type:ty,)*
            })+
        })+
    } others {
        $($others:tt)+
    } binding {
        $($binding:tt)+
    }) => {
        onboarding_errors! {
            engine {
                $($($(#[$doc])* $variant {
                    $($(#[$field_doc])* $field: $type,)*
                } from Error::$area($core::$core_variant { $($field,)* .. }),)+)+
                $($others)+
            } binding {
                $($binding)+
            }
        }
    };
    (engine {
        $($(#[$doc:meta])* $variant:ident {
            $($(#[$field_doc:meta])* $field:ident: $type:ty $(= $value:expr)?,)*
        } from $pattern:pat,)+
    } binding {
        $($binding:tt)+
    }) => {
        onboarding_errors! {
            @enum
            $($(#[$doc])* $variant { $($(#[$field_doc])* $field: $type,)* },)+
            $($binding)+
        }

        impl From<Error> for OnboardingError {
            fn from(error: Error) -> Self {
                let kind = error.kind();
                let code = error.code().to_owned();
                let pms_code = error.pms_code().map(str::to_owned);
                let detail = error.to_string();
                match error {
                    $($pattern => Self::$variant {
                        kind, code, pms_code, detail,
                        $($field: onboarding_errors!(@value $field $($value)?),)*
                    },)+
                    _ => Self::Other { kind, code, pms_code, detail },
                }
            }
        }
    };
    (@enum $(
        $(#[$doc:meta])* $variant:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* },
    )+) => {
        /// Everything a call of the engine can fail with. Nothing was changed.
        ///
        /// `kind` says what sort of failure it is, `code` which one exactly; both are stable. `pmsCode` is the code
        /// that MOSIP's own services have for it, where they have one. The message names the thing, what was needed
        /// and what was found.
        #[derive(Debug, thiserror::Error, uniffi::Error)]
        pub enum OnboardingError {
            $($(#[$doc])*
            #[error("{detail}")]
            $variant {
                /// What sort of failure it is.
                kind: ErrorKind,
                /// The stable code of exactly this failure, such as `license_key.not_found`.
                code: String,
                /// MOSIP's code for the same failure, where it has one.
                pms_code: Option<String>,
                /// The message.
                detail: String,
                $($(#[$field_doc])* $field: $type,)*
            },)+
        }
    };
    (@value $field:ident) => { Mirror::of($field) };
    (@value $field:ident $value:expr) => { $value };
}
pub(super) use onboarding_errors;
