//! Partners.

use misp_onboarding::Timestamp;
use misp_onboarding::certificate::CertificateStatus;
use misp_onboarding::id::ActorId;
use misp_onboarding::list::Query;
use misp_onboarding::partner::{
    Address, ContactNumber, EmailAddress, OrganizationName, Partner, PartnerFilter, PartnerId, PartnerRow,
    PartnerSort,
};
use misp_onboarding::policy::PolicyGroupName;
use misp_onboarding::store::StoreError;

use crate::policies::GROUP_NAME;
use crate::table_row::{Otherwise, TableRow};
use crate::{Conditions, Dialect, Fields, Order, Statement, UnsupportedSortKey, tables};

/// The columns that [`read`] reads, of table `p`.
pub const COLUMNS: &str = "p.id, p.organization, p.address, p.contact_number, p.email, p.language, p.policy_group_id, \
                           p.state, p.certificate_id, p.created_at, p.created_by, p.updated_at, p.updated_by, p.version";

pub(crate) fn row(partner: &Partner) -> TableRow<'_> {
    let mut row = TableRow::new(&tables::PARTNERS);
    row.set("id", partner.id.as_str())
        .set("id_folded", partner.id.folded())
        .set("organization", partner.organization.as_str())
        .set("organization_folded", partner.organization.folded())
        .set("address", partner.address.as_str())
        .set("contact_number", partner.contact_number.as_str())
        .set("email", partner.email.as_str())
        .set("email_folded", partner.email.folded())
        .set("language", partner.language.as_str().to_owned())
        .refer("policy_group_id", &tables::POLICY_GROUPS, partner.policy_group.map(|id| id.to_string()))
        .copy(
            "policy_group_name_folded",
            (&tables::POLICY_GROUPS, "name_folded"),
            "policy_group_id",
            Otherwise::Empty,
        )
        .set("state", partner.state.as_str())
        .refer("certificate_id", &tables::PARTNER_CERTIFICATES, partner.certificate.map(|id| id.to_string()))
        .copy(
            "certificate_ends",
            (&tables::PARTNER_CERTIFICATES, "not_after"),
            "certificate_id",
            Otherwise::Latest,
        )
        .set("created_at", partner.created_at)
        .set("created_by", partner.created_by.as_str())
        .set("updated_at", partner.updated_at)
        .set("updated_by", partner.updated_by.as_str())
        .set("version", partner.version.number());
    row
}

/// Reads a partner.
///
/// # Errors
/// A column does not hold what it should.
pub fn read(fields: &mut Fields<'_>) -> Result<Partner, StoreError> {
    Ok(Partner {
        id: read_id(fields)?,
        organization: OrganizationName::from_stored(fields.text()?),
        address: Address::from_stored(fields.text()?),
        contact_number: ContactNumber::from_stored(fields.text()?),
        email: EmailAddress::from_stored(fields.text()?),
        language: fields.parsed()?,
        policy_group: fields.optional_parsed()?,
        state: fields.parsed()?,
        certificate: fields.optional_parsed()?,
        created_at: fields.time()?,
        created_by: ActorId::from_stored(fields.text()?),
        updated_at: fields.time()?,
        updated_by: ActorId::from_stored(fields.text()?),
        version: fields.version()?,
    })
}

/// Reads the id of a partner.
///
/// # Errors
/// The column does not hold what it should.
pub fn read_id(fields: &mut Fields<'_>) -> Result<PartnerId, StoreError> {
    fields.text().map(PartnerId::from_stored)
}

/// Reads a row of the list.
///
/// # Errors
/// A column does not hold what it should.
pub fn read_row(fields: &mut Fields<'_>) -> Result<PartnerRow, StoreError> {
    let partner = read(fields)?;
    let certificate_ends = fields.time()?;
    Ok(PartnerRow {
        certificate_ends: partner.certificate.map(|_| certificate_ends),
        partner,
        policy_group_name: fields
            .of(tables::POLICY_GROUPS.name)
            .optional_text()?
            .map(PolicyGroupName::from_stored),
    })
}

/// A page of the list, which [`read_row`] reads.
///
/// # Errors
/// The sort key is not one that this crate knows.
pub fn page(
    dialect: Dialect,
    query: &Query<PartnerFilter, PartnerSort>,
) -> Result<Statement, UnsupportedSortKey> {
    let column = match query.sort {
        PartnerSort::Id => "p.id_folded",
        PartnerSort::Organization => "p.organization_folded",
        PartnerSort::PolicyGroup => "p.policy_group_name_folded",
        PartnerSort::State => "p.state",
        PartnerSort::CreatedAt => "p.created_at",
        PartnerSort::CertificateEnds => "p.certificate_ends",
        _ => return Err(UnsupportedSortKey),
    };
    let order = Order { column, id: "p.id" };
    let conditions = filter(Conditions::sorted(dialect, order, query), &query.filter, query.now);
    let select = format!(
        "SELECT {COLUMNS}, p.certificate_ends, g.name \
         FROM partners p LEFT JOIN policy_groups g ON g.id = p.policy_group_id"
    );
    Ok(conditions.page(&select, order, query))
}

/// Counts the partners that pass the filter.
pub fn count(dialect: Dialect, filter_by: &PartnerFilter, now: Timestamp) -> Statement {
    filter(Conditions::counted(dialect), filter_by, now).count("partners p")
}

fn filter(mut conditions: Conditions, filter: &PartnerFilter, now: Timestamp) -> Conditions {
    let group = filter.policy_group.map(|id| id.to_string());
    let state = filter.state.map(|state| state.as_str());
    conditions
        .one("p.id", filter.id.as_ref().map(PartnerId::as_str))
        .one("p.email_folded", filter.email.as_ref().map(EmailAddress::folded))
        .many("p.policy_group_id", group, Some("p.created_at"), &[("p.policy_group_name_folded", GROUP_NAME)])
        .many("p.state", state, Some("p.created_at"), &[("p.state", "?")])
        .contains("p.organization_folded", filter.organization.as_ref())
        .contains("p.policy_group_name_folded", filter.policy_group_name.as_ref())
        .within("p.certificate_ends", filter.certificate_ends);
    // Where there is no certificate, the column holds the latest instant; so may a certificate's end.
    match filter.certificate_status {
        Some(CertificateStatus::None) => conditions.has("p.certificate_id", false),
        status @ Some(_) => {
            conditions.has("p.certificate_id", true).certificate_status("p.certificate_ends", status, now)
        }
        None if filter.certificate_ends.is_some() => conditions.has("p.certificate_id", true),
        None => &mut conditions,
    };
    conditions
}
