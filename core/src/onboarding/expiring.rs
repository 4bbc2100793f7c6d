//! What ends soon: CA certificates, partner certificates and license keys, soonest first.

use super::Onboarding;
use super::call::call;
use crate::Timestamp;
use crate::actor::{ANY_ROLE, Actor};
use crate::error::Error;
use crate::license_key::{LicenseKeyFilter, LicenseKeySort, LicenseKeyStatus, LicenseKeyView};
use crate::list::{Cursor, Direction, ListError, ListRequest, Page, TimeRange};
use crate::partner::{PartnerFilter, PartnerRow, PartnerSort, PartnerState};
use crate::trust_store::{CaCertificate, CaCertificateFilter, CaCertificateSort, CaState};

/// How far ahead the lists of what ends soon look where the request does not say, in days of 24 hours.
pub const DEFAULT_WINDOW_DAYS: u32 = 30;
/// The farthest that they can look: a century.
const MAX_WINDOW_DAYS: u32 = 36_525;

/// A request for one page of what ends soon.
#[derive(Clone, Debug)]
pub struct ExpiringRequest {
    /// How far to look ahead, in days of 24 hours; what ends exactly then is included.
    pub window_days: u32,
    /// Items on the page, 1 to 100.
    pub page_size: u32,
    /// Where the page before ended, none for the first page.
    pub after: Option<Cursor>,
}

impl Default for ExpiringRequest {
    fn default() -> Self {
        Self { window_days: DEFAULT_WINDOW_DAYS, page_size: crate::list::DEFAULT_PAGE_SIZE, after: None }
    }
}

impl ExpiringRequest {
    fn range(&self, now: Timestamp) -> Result<TimeRange, ListError> {
        if self.window_days < 1 || self.window_days > MAX_WINDOW_DAYS {
            return Err(ListError::Window { max_days: MAX_WINDOW_DAYS, found_days: self.window_days });
        }
        Ok(TimeRange { from: now, to: now.plus_days(i64::from(self.window_days)) })
    }

    fn soonest_first<F, S: crate::list::SortKey>(&self, filter: F, sort: S) -> ListRequest<F, S> {
        ListRequest::with_filter(filter)
            .sorted(sort, Direction::Ascending)
            .page_size(self.page_size)
            .after(self.after.clone())
    }
}

impl Onboarding {
    /// The trusted CA certificates that end within the window, soonest first.
    ///
    /// # Errors
    /// [`Error::List`] when the request cannot be answered; [`Error::Forbidden`] without a role.
    pub fn expiring_ca_certificates(
        &self,
        actor: &Actor,
        request: &ExpiringRequest,
    ) -> Result<Page<CaCertificate>, Error> {
        let call = call!(DEBUG, "expiring_ca_certificates", actor, ANY_ROLE);
        self.answer(call, || {
            let ends = Some(request.range(self.now())?);
            let filter = CaCertificateFilter { ends, state: Some(CaState::Trusted), ..Default::default() };
            self.list_ca_certificates(actor, &request.soonest_first(filter, CaCertificateSort::NotAfter))
        })
    }

    /// The active partners whose current certificate ends within the window, soonest first.
    ///
    /// # Errors
    /// [`Error::List`] when the request cannot be answered; [`Error::Forbidden`] without a role.
    pub fn expiring_partner_certificates(
        &self,
        actor: &Actor,
        request: &ExpiringRequest,
    ) -> Result<Page<PartnerRow>, Error> {
        let call = call!(DEBUG, "expiring_partner_certificates", actor, ANY_ROLE);
        self.answer(call, || {
            let certificate_ends = Some(request.range(self.now())?);
            let filter =
                PartnerFilter { certificate_ends, state: Some(PartnerState::Active), ..Default::default() };
            self.list_partners(actor, &request.soonest_first(filter, PartnerSort::CertificateEnds))
        })
    }

    /// The active license keys that end within the window, soonest first.
    ///
    /// # Errors
    /// [`Error::List`] when the request cannot be answered; [`Error::Forbidden`] without a role.
    pub fn expiring_license_keys(
        &self,
        actor: &Actor,
        request: &ExpiringRequest,
    ) -> Result<Page<LicenseKeyView>, Error> {
        let call = call!(DEBUG, "expiring_license_keys", actor, ANY_ROLE);
        self.answer(call, || {
            let expires = Some(request.range(self.now())?);
            let filter =
                LicenseKeyFilter { expires, status: Some(LicenseKeyStatus::Active), ..Default::default() };
            self.list_license_keys(actor, &request.soonest_first(filter, LicenseKeySort::ExpiresAt))
        })
    }
}
