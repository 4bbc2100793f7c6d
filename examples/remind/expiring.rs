//! What ends soon, by whom it concerns.

use std::collections::BTreeMap;

use misp_onboarding::list::{Cursor, MAX_PAGE_SIZE, Page};
use misp_onboarding::onboarding::ExpiringRequest;
use misp_onboarding::partner::PartnerState;
use misp_onboarding::{Actor, Error, Onboarding};

use crate::options::Options;

/// What one recipient is told.
pub(crate) struct Reminder {
    pub(crate) recipient: String,
    lines: Vec<String>,
}

impl Reminder {
    pub(crate) fn text(&self) -> String {
        let lines: String = self.lines.iter().map(|line| format!("  * {line}\n")).collect();
        format!("The following ends soon. Please renew it in time.\n\n{lines}")
    }
}

/// One reminder for each recipient, in it what ends soonest first.
pub(crate) fn reminders(
    onboarding: &Onboarding,
    reader: &Actor,
    options: &Options,
) -> Result<Vec<Reminder>, Error> {
    let mut told = BTreeMap::<String, Vec<String>>::new();
    let mut tell = |recipient: &str, line| told.entry(recipient.to_owned()).or_default().push(line);

    every_page(
        options.days,
        |request| onboarding.expiring_ca_certificates(reader, request),
        |ca| {
            let line = format!("CA certificate {} of {} ends {}", ca.subject, ca.domain, ca.not_after);
            tell(&options.operator, line);
            Ok(())
        },
    )?;
    every_page(
        options.days,
        |request| onboarding.expiring_partner_certificates(reader, request),
        |row| {
            if let Some(end) = row.certificate_ends {
                tell(row.partner.email.as_str(), format!("The certificate of {} ends {end}", row.partner.id));
            }
            Ok(())
        },
    )?;
    every_page(
        options.days,
        |request| onboarding.expiring_license_keys(reader, request),
        |view| {
            let key = &view.row.key;
            // The list has no contact data in it.
            let partner = onboarding.partner(reader, &key.partner)?;
            if partner.state == PartnerState::Active {
                let line =
                    format!("License key \"{}\" ({}) ends {}", key.name, view.masked_key(), key.expires_at);
                tell(partner.email.as_str(), line);
            }
            Ok(())
        },
    )?;
    Ok(told.into_iter().map(|(recipient, lines)| Reminder { recipient, lines }).collect())
}

/// Reads a list to its end, page by page.
fn every_page<T>(
    days: u32,
    read: impl Fn(&ExpiringRequest) -> Result<Page<T>, Error>,
    mut each: impl FnMut(T) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut after: Option<Cursor> = None;
    loop {
        let page = read(&ExpiringRequest { window_days: days, page_size: MAX_PAGE_SIZE, after })?;
        page.items.into_iter().try_for_each(&mut each)?;
        after = page.next;
        if after.is_none() {
            return Ok(());
        }
    }
}
