//! What the tables themselves guard, keep right and report.
#![allow(clippy::unwrap_used)]

mod support;

use misp_onboarding::certificate::Fingerprint;
use misp_onboarding::license_key::LicenseKeyRecord;
use misp_onboarding::list::{Direction, Query, SortKey};
use misp_onboarding::partner::{OrganizationName, Partner, PartnerSort};
use misp_onboarding::policy::{Policy, PolicyGroup};
use misp_onboarding::policy_link::PolicyLinkSort;
use misp_onboarding::store::{
    CertificateRepository, ChangeSet, LicenseKeyRepository, PartnerRepository, PolicyLinkRepository,
    PolicyRepository, Store, StoreError,
};
use misp_onboarding_postgres::PostgresStore;
use misp_onboarding_testkit::conformance::samples::{self, Successor, literal};
use postgres::Client;
use support::{Schema, tool};

/// A store with one of everything, and a connection that a host's own tool could have.
fn store() -> (Schema, PostgresStore, Client) {
    let schema = Schema::new();
    let store = schema.store();
    let mut changes = ChangeSet::new();
    let certificate = samples::partner_certificate(1, "acme");
    let key = LicenseKeyRecord { policy: Some(samples::policy_id(1)), ..samples::license_key(1, "acme") };
    changes
        .insert(samples::trust_domain("AUTH"))
        .insert(samples::ca_certificate(1))
        .insert(samples::policy_group(1, "Group"))
        .insert(samples::policy(1, 1, "Policy"))
        .insert(Partner {
            policy_group: Some(samples::policy_group_id(1)),
            ..samples::certified_partner("acme", certificate.id)
        })
        .insert(certificate)
        .insert(samples::policy_link(1, "acme", 1))
        .insert(key);
    store.commit(&changes).unwrap();
    let tool = tool(&schema);
    (schema, store, tool)
}

fn all<F: Default, S: SortKey>(sort: S) -> Query<F, S> {
    Query {
        filter: F::default(),
        sort,
        direction: Direction::Ascending,
        after: None,
        limit: 9,
        now: samples::NOW,
    }
}

/// Every copy of a name or an instant equals its original.
fn assert_copies_are_right(tool: &mut Client) {
    for table in ["policy_links", "license_keys"] {
        let sql = format!(
            "SELECT count(*) FROM {table} r JOIN partners p ON p.id = r.partner_id \
             LEFT JOIN policies d ON d.id = r.policy_id LEFT JOIN policy_groups g ON g.id = d.group_id \
             WHERE (r.organization_folded, r.policy_name_folded, r.policy_group_name_folded) IS DISTINCT FROM \
                   (p.organization_folded, coalesce(d.name_folded, ''), coalesce(g.name_folded, '')) \
                OR r.policy_group_id IS DISTINCT FROM d.group_id"
        );
        let wrong: i64 = tool.query_one(&sql, &[]).unwrap().get(0);
        assert_eq!(wrong, 0, "{table}");
    }
    let sql = "SELECT (SELECT count(*) FROM policies d JOIN policy_groups g ON g.id = d.group_id \
                       WHERE d.group_name_folded <> g.name_folded) \
                    + (SELECT count(*) FROM partners p LEFT JOIN policy_groups g ON g.id = p.policy_group_id \
                       LEFT JOIN partner_certificates c ON c.id = p.certificate_id \
                       WHERE p.policy_group_name_folded <> coalesce(g.name_folded, '') \
                          OR p.certificate_ends <> coalesce(c.not_after, 253402207199999999))";
    let wrong: i64 = tool.query_one(sql, &[]).unwrap().get(0);
    assert_eq!(wrong, 0);
}

#[test]
fn copies_follow_their_originals() {
    let (_schema, store, mut tool) = store();
    assert_copies_are_right(&mut tool);
    let partner = store.partner(&samples::partner_id("acme")).unwrap().unwrap();
    let changes: [&dyn Fn(&mut ChangeSet); 4] = [
        &|changes| {
            let organization: OrganizationName = literal("Ümläut");
            changes.update(Partner { organization, ..partner.clone() }.next());
        },
        &|changes| {
            changes
                .update(PolicyGroup { name: literal("Other"), ..samples::policy_group(1, "Group") }.next());
        },
        &|changes| {
            changes.update(Policy { name: literal("Renamed"), ..samples::policy(1, 1, "Policy") }.next());
        },
        &|changes| {
            let mut certificate = samples::partner_certificate(1, "acme").next();
            certificate.not_after = samples::after(1);
            certificate.path = vec![samples::fingerprint(8), samples::fingerprint(9)];
            changes.update(certificate);
        },
    ];
    for change in changes {
        let mut set = ChangeSet::new();
        change(&mut set);
        store.commit(&set).unwrap();
        assert_copies_are_right(&mut tool);
    }
    let row = &store.list_policy_links(&all(PolicyLinkSort::Organization)).unwrap()[0];
    assert_eq!(row.organization.as_str(), "Ümläut");
    assert_eq!((row.policy_name.as_str(), row.policy_group_name.as_str()), ("Renamed", "Other"));
    let row = &store.list_partners(&all(PartnerSort::CertificateEnds)).unwrap()[0];
    assert_eq!(row.certificate_ends, Some(samples::after(1)));
    let relying =
        |fingerprint: &Fingerprint| store.partners_relying_on(&literal("AUTH"), fingerprint).unwrap();
    assert_eq!(relying(&samples::fingerprint(9)), [samples::partner_id("acme")]);
}

#[test]
fn the_tables_refuse_what_cannot_be() {
    let (_schema, _store, mut tool) = store();
    for sql in [
        "UPDATE partners SET state = 'gone'",
        "UPDATE partners SET policy_group_id = 'nobody'",
        "UPDATE partners SET certificate_id = 'nobody'",
        "UPDATE policy_links SET state = 'maybe'",
        "UPDATE license_keys SET digest = '\\x00'",
        "UPDATE license_keys SET last4 = 'the whole key'",
        "UPDATE license_keys SET replaced_by_id = 'nobody'",
        "UPDATE license_keys SET origin = 'found'",
        "UPDATE license_keys SET version = -1",
        "UPDATE license_keys SET version = 0",
        "DELETE FROM partners",
        "DELETE FROM policies",
        "DELETE FROM trust_domains",
        "INSERT INTO event_counter (id, last) VALUES (2, 0)",
        "UPDATE event_counter SET last = -1",
    ] {
        assert!(tool.batch_execute(sql).is_err(), "{sql}");
    }
}

#[test]
fn a_value_that_does_not_read_is_told_by_table_and_column() {
    let loosen = "ALTER TABLE partners DROP CONSTRAINT partners_certificate_id";
    for (sql, wanted) in [
        ("UPDATE partners SET certificate_id = 'x'", "partners.certificate_id"),
        ("UPDATE partners SET language = 'ÄÖÜ'", "partners.language"),
        ("UPDATE partners SET version = 4294967296", "partners.version"),
        ("UPDATE policies SET document = '{}'", "policies.document"),
        ("UPDATE partner_certificates SET domain = '-'", "partner_certificates.domain"),
        ("ALTER TABLE policies ALTER COLUMN created_at TYPE TEXT", "policies.created_at"),
        (
            "ALTER TABLE partners ALTER COLUMN address DROP NOT NULL; UPDATE partners SET address = NULL",
            "partners.address",
        ),
    ] {
        let (_schema, store, mut tool) = store();
        tool.batch_execute(loosen).unwrap();
        tool.batch_execute(sql).unwrap();
        let read = || -> Result<(), StoreError> {
            store.partner(&samples::partner_id("acme"))?;
            store.policy(samples::policy_id(1))?;
            store.partner_certificate(samples::partner_certificate_id(1))?;
            Ok(())
        };
        match read() {
            Err(StoreError::Corrupt { what, .. }) => assert_eq!(what, wanted),
            other => panic!("{sql}: {other:?}"),
        }
    }
}

#[test]
fn a_change_of_the_tables_below_prepared_statements_is_not_noticed_by_readers() {
    let (_schema, store, mut tool) = store();
    let key = || store.license_key(samples::license_key_id(1)).unwrap().unwrap();
    let before = key();
    tool.batch_execute("ALTER TABLE license_keys ALTER COLUMN last4 TYPE VARCHAR(4)").unwrap();
    assert_eq!(key(), before);
}

#[test]
fn every_column_is_compared_byte_by_byte() {
    let (schema, _store, mut tool) = store();
    let sql = "SELECT table_name || '.' || column_name FROM information_schema.columns \
               WHERE table_schema = $1 AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'";
    let others: Vec<String> =
        tool.query(sql, &[&schema.name]).unwrap().iter().map(|row| row.get(0)).collect();
    assert_eq!(others, Vec::<String>::new());
}
