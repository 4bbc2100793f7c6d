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
use misp_onboarding::store::{PartnerRepository, StoreError};

use crate::PostgresStore;
use crate::error::Unsupported;
use crate::query::{Conditions, Order, Statement};
use crate::row::{self, Fields};
use crate::write::{PARTNER_CERTIFICATES, PARTNERS, POLICY_GROUPS, TableRow};

const TABLE: &str = PARTNERS.name;
const COLUMNS: &str = "p.id, p.organization, p.address, p.contact_number, p.email, p.language, p.policy_group_id, \
                       p.state, p.certificate_id, p.created_at, p.created_by, p.updated_at, p.updated_by, p.version";

/// [`Timestamp::MAX`] as SQL: when a certificate ends that is not there.
const NO_END: &str = "253402207199999999";

pub(crate) fn row(partner: &Partner) -> TableRow {
    let mut row = TableRow::new(&PARTNERS);
    row.set("id", partner.id.as_str())
        .set("id_folded", partner.id.folded())
        .set("organization", partner.organization.as_str())
        .set("organization_folded", partner.organization.folded())
        .set("address", partner.address.as_str())
        .set("contact_number", partner.contact_number.as_str())
        .set("email", partner.email.as_str())
        .set("email_folded", partner.email.folded())
        .set("language", partner.language.as_str().to_owned())
        .refer("policy_group_id", &POLICY_GROUPS, partner.policy_group.map(|id| id.to_string()))
        .copy("policy_group_name_folded", (&POLICY_GROUPS, "name_folded"), "policy_group_id", "''")
        .set("state", partner.state.as_str())
        .refer("certificate_id", &PARTNER_CERTIFICATES, partner.certificate.map(|id| id.to_string()))
        .copy("certificate_ends", (&PARTNER_CERTIFICATES, "not_after"), "certificate_id", NO_END)
        .set("created_at", partner.created_at.unix_micros())
        .set("created_by", partner.created_by.as_str())
        .set("updated_at", partner.updated_at.unix_micros())
        .set("updated_by", partner.updated_by.as_str())
        .set("version", partner.version.number());
    row
}

fn read(fields: &mut Fields<'_>) -> Result<Partner, StoreError> {
    Ok(Partner {
        id: PartnerId::from_stored(fields.text()?),
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

fn read_row(fields: &mut Fields<'_>) -> Result<PartnerRow, StoreError> {
    let partner = read(fields)?;
    let certificate_ends = fields.time()?;
    Ok(PartnerRow {
        certificate_ends: partner.certificate.map(|_| certificate_ends),
        partner,
        policy_group_name: fields.of(POLICY_GROUPS.name).optional_text()?.map(PolicyGroupName::from_stored),
    })
}

fn order(sort: PartnerSort) -> Result<Order, StoreError> {
    let column = match sort {
        PartnerSort::Id => "p.id_folded",
        PartnerSort::Organization => "p.organization_folded",
        PartnerSort::PolicyGroup => "p.policy_group_name_folded",
        PartnerSort::State => "p.state",
        PartnerSort::CreatedAt => "p.created_at",
        PartnerSort::CertificateEnds => "p.certificate_ends",
        _ => return Err(StoreError::backend(Unsupported("sort key"))),
    };
    Ok(Order { column, id: "p.id" })
}

fn filter(mut conditions: Conditions, filter: &PartnerFilter, now: Timestamp) -> Conditions {
    conditions
        .equals("p.id", filter.id.as_ref().map(|id| id.as_str().to_owned()))
        .contains("p.organization_folded", filter.organization.as_ref())
        .equals("p.email_folded", filter.email.as_ref().map(EmailAddress::folded))
        .equals("p.policy_group_id", filter.policy_group.map(|id| id.to_string()))
        .contains("p.policy_group_name_folded", filter.policy_group_name.as_ref())
        .equals("p.state", filter.state.map(|state| state.as_str().to_owned()))
        .within("p.certificate_ends", filter.certificate_ends);
    // Where there is no certificate, the column holds the latest instant; so may a certificate's end.
    match filter.certificate_status {
        Some(CertificateStatus::None) => conditions.fixed("p.certificate_id IS NULL"),
        status @ Some(_) => conditions.fixed("p.certificate_id IS NOT NULL").certificate_status(
            "p.certificate_ends",
            status,
            now,
        ),
        None if filter.certificate_ends.is_some() => conditions.fixed("p.certificate_id IS NOT NULL"),
        None => &mut conditions,
    };
    conditions
}

/// The statement for a stretch of the list.
pub(crate) fn page(query: &Query<PartnerFilter, PartnerSort>) -> Result<Statement, StoreError> {
    let order = order(query.sort)?;
    let conditions = filter(Conditions::default(), &query.filter, query.now);
    let select = format!(
        "SELECT {COLUMNS}, p.certificate_ends, g.name \
         FROM partners p LEFT JOIN policy_groups g ON g.id = p.policy_group_id"
    );
    Ok(conditions.page(&select, order, query))
}

impl PartnerRepository for PostgresStore {
    fn partner(&self, id: &PartnerId) -> Result<Option<Partner>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM partners p WHERE p.id = $1");
        self.read(|connection| row::one(connection, &sql, &[id.as_str().into()], TABLE, read))
    }

    fn partner_id_like(&self, id: &PartnerId) -> Result<Option<PartnerId>, StoreError> {
        let sql = "SELECT id FROM partners WHERE id_folded = $1";
        self.read(|connection| row::one(connection, sql, &[id.folded().into()], TABLE, read_id))
    }

    fn partner_id_by_email(&self, email: &EmailAddress) -> Result<Option<PartnerId>, StoreError> {
        let sql = "SELECT id FROM partners WHERE email_folded = $1";
        self.read(|connection| row::one(connection, sql, &[email.folded().into()], TABLE, read_id))
    }

    fn list_partners(
        &self,
        query: &Query<PartnerFilter, PartnerSort>,
    ) -> Result<Vec<PartnerRow>, StoreError> {
        let statement = page(query)?;
        self.list(|connection| statement.rows(connection, TABLE, read_row))
    }

    fn count_partners(&self, filter_by: &PartnerFilter, now: Timestamp) -> Result<u64, StoreError> {
        let statement = filter(Conditions::default(), filter_by, now).count("partners p");
        self.list(|connection| statement.number(connection))
    }
}

pub(crate) fn read_id(fields: &mut Fields<'_>) -> Result<PartnerId, StoreError> {
    fields.text().map(PartnerId::from_stored)
}
