//! How a certificate stands at an instant, as lists show it.

use crate::Timestamp;
use crate::state::state_enum;

state_enum!(
    /// How a certificate stands at an instant.
    CertificateStatus {
        /// There is none.
        None = "none",
        /// Valid for more than 30 days to come.
        Valid = "valid",
        /// Valid, and ends within 30 days.
        Expiring = "expiring",
        /// Its validity has ended.
        Expired = "expired",
    }
);

impl CertificateStatus {
    /// A certificate is expiring when it ends no more than this many days of 24 hours from now.
    pub const EXPIRING_DAYS: i64 = 30;

    /// The status at `now` of a certificate whose last valid instant is `ends`.
    pub fn at(ends: Option<Timestamp>, now: Timestamp) -> Self {
        match ends {
            None => Self::None,
            Some(ends) if ends < now => Self::Expired,
            Some(ends) if ends <= now.plus_days(Self::EXPIRING_DAYS) => Self::Expiring,
            Some(_) => Self::Valid,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_expiring_in_its_last_30_days_and_expired_after_its_last_instant() {
        let now: Timestamp = "2026-01-15T12:00:00Z".parse().unwrap();
        for (ends, want) in [
            (None, CertificateStatus::None),
            (Some("2026-01-15T11:59:59Z"), CertificateStatus::Expired),
            (Some("2026-01-15T12:00:00Z"), CertificateStatus::Expiring),
            (Some("2026-02-14T12:00:00Z"), CertificateStatus::Expiring),
            (Some("2026-02-14T12:00:01Z"), CertificateStatus::Valid),
        ] {
            let ends = ends.map(|text| text.parse().unwrap());
            assert_eq!(CertificateStatus::at(ends, now), want, "{ends:?}");
        }
    }
}
