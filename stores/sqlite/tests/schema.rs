//! What the tables themselves guard, keep right and report.
#![allow(clippy::unwrap_used)]

use misp_onboarding::certificate::Fingerprint;
use misp_onboarding::license_key::LicenseKeyRecord;
use misp_onboarding::list::{Direction, Query, SortKey};
use misp_onboarding::partner::{OrganizationName, Partner, PartnerSort};
use misp_onboarding::policy::{Policy, PolicyGroup};
use misp_onboarding::policy_link::PolicyLinkSort;
use misp_onboarding::store::{
    CertificateRepository, ChangeSet, EventRepository, LicenseKeyRepository, PartnerRepository,
    PolicyLinkRepository, PolicyRepository, Store, StoreError,
};
use misp_onboarding_sqlite::SqliteStore;
use misp_onboarding_testkit::conformance::samples::{self, Successor, literal};
use rusqlite::Connection;
use tempfile::{TempDir, tempdir};

/// A store with one of everything, and a connection that a host's own tool could have.
fn store() -> (TempDir, SqliteStore, Connection) {
    let folder = tempdir().unwrap();
    let path = folder.path().join("s.sqlite");
    let store = SqliteStore::open(&path).unwrap();
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
    let tool = Connection::open(path).unwrap();
    (folder, store, tool)
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
fn assert_copies_are_right(tool: &Connection) {
    for table in ["policy_links", "license_keys"] {
        let sql = format!(
            "SELECT count(*) FROM {table} r JOIN partners p ON p.id = r.partner_id \
             LEFT JOIN policies d ON d.id = r.policy_id LEFT JOIN policy_groups g ON g.id = d.group_id \
             WHERE (r.organization_folded, r.policy_name_folded, r.policy_group_name_folded) IS NOT \
                   (p.organization_folded, coalesce(d.name_folded, ''), coalesce(g.name_folded, '')) \
                OR r.policy_group_id IS NOT d.group_id"
        );
        let wrong: i64 = tool.query_row(&sql, [], |row| row.get(0)).unwrap();
        assert_eq!(wrong, 0, "{table}");
    }
    let sql = "SELECT (SELECT count(*) FROM policies d JOIN policy_groups g ON g.id = d.group_id \
                       WHERE d.group_name_folded <> g.name_folded) \
                    + (SELECT count(*) FROM partners p LEFT JOIN policy_groups g ON g.id = p.policy_group_id \
                       LEFT JOIN partner_certificates c ON c.id = p.certificate_id \
                       WHERE p.policy_group_name_folded <> coalesce(g.name_folded, '') \
                          OR p.certificate_ends <> coalesce(c.not_after, 253402207199999999))";
    let wrong: i64 = tool.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(wrong, 0);
}

#[test]
fn copies_follow_their_originals() {
    let (_folder, store, tool) = store();
    assert_copies_are_right(&tool);
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
        assert_copies_are_right(&tool);
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
    let (_folder, _store, tool) = store();
    tool.pragma_update(None, "foreign_keys", true).unwrap();
    for sql in [
        "UPDATE partners SET state = 'gone'",
        "UPDATE partners SET policy_group_id = 'nobody'",
        "UPDATE partners SET created_at = 'yesterday'",
        "UPDATE policies SET allow_kyc_request_delegation = 2",
        "UPDATE policy_links SET state = 'maybe'",
        "UPDATE license_keys SET digest = x'00'",
        "UPDATE license_keys SET last4 = 'the whole key'",
        "UPDATE license_keys SET replaced_by_id = 'nobody'",
        "UPDATE license_keys SET origin = 'found'",
        "UPDATE license_keys SET version = -1",
        "UPDATE license_keys SET version = 0",
        "UPDATE partners SET certificate_id = NULL",
        "UPDATE partners SET state = 'inactive'",
        "UPDATE policies SET published_at = NULL",
        "UPDATE policy_links SET state = 'approved', decided_at = 1",
        "UPDATE policy_links SET decided_by = 'paul'",
        "UPDATE license_keys SET state = 'replaced', overlap_ends_at = 1",
        "UPDATE license_keys SET state = 'replaced', replaced_by_id = id",
        "UPDATE license_keys SET state = 'deactivated'",
        "UPDATE license_keys SET deactivated_at = 1",
        "UPDATE ca_certificates SET state = 'distrusted', distrusted_at = 1",
        "UPDATE ca_certificates SET distrust_reason = 'gone'",
        "DELETE FROM partners",
        "DELETE FROM policies",
        "DELETE FROM trust_domains",
        "INSERT INTO events (at, actor, kind, subject_kind, subject_id, version, facts) VALUES (1, 'a', 'k', 's', 'i', 1, '{')",
    ] {
        assert!(tool.execute_batch(sql).is_err(), "{sql}");
        let _ = tool.execute_batch("ROLLBACK");
    }
}

#[test]
fn a_value_that_does_not_read_is_told_by_table_and_column() {
    for (sql, wanted) in [
        ("UPDATE partners SET certificate_id = 'x'", "partners.certificate_id"),
        ("UPDATE partners SET language = 'ÄÖÜ'", "partners.language"),
        ("UPDATE partners SET version = 4294967296", "partners.version"),
        ("UPDATE policies SET document = '{}'", "policies.document"),
        ("UPDATE partner_certificates SET domain = '-'", "partner_certificates.domain"),
    ] {
        let (_folder, store, tool) = store();
        tool.pragma_update(None, "foreign_keys", false).unwrap();
        tool.execute_batch(sql).unwrap();
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
fn every_value_survives_damage_without_a_panic() {
    // Whatever single value is not of its type, reading ends in an answer or an error.
    let (_folder, store, tool) = store();
    let tables = ["partners", "policies", "policy_links", "license_keys", "ca_certificates", "events"];
    tool.execute_batch("PRAGMA ignore_check_constraints = ON; PRAGMA writable_schema = ON").unwrap();
    tool.execute_batch("UPDATE sqlite_schema SET sql = replace(sql, ') STRICT', ')')").unwrap();
    let read_all = |store: &SqliteStore| {
        let _ = store.list_partners(&all(PartnerSort::Id));
        let _ = store.list_policy_links(&all(PolicyLinkSort::Policy));
        let _ = store.list_policies(&all(misp_onboarding::policy::PolicySort::Name));
        let _ = store.license_key(samples::license_key_id(1));
        let _ = store.find_by_digest(&samples::digest(1));
        let _ = store.ca_certificates(&literal("AUTH"));
        let _ = store.events_after(Default::default(), 9);
    };
    let path = tool.path().unwrap().to_owned();
    let mut tried = 0;
    for table in tables {
        let tool = Connection::open(&path).unwrap();
        tool.execute_batch("PRAGMA ignore_check_constraints = ON").unwrap();
        let columns: Vec<String> = {
            let mut statement =
                tool.prepare(&format!("SELECT name FROM pragma_table_info('{table}')")).unwrap();
            let names = statement.query_map([], |row| row.get(0)).unwrap();
            names.collect::<Result<_, _>>().unwrap()
        };
        for column in columns {
            for value in ["x'ff'", "'\u{fffd}'", "-1", "1.5", "CAST(x'fffe' AS TEXT)", "9223372036854775807"]
            {
                let sql = format!("UPDATE {table} SET {column} = {value}");
                tool.execute_batch("BEGIN").unwrap();
                if tool.execute_batch(&sql).is_err() || tool.execute_batch("COMMIT").is_err() {
                    let _ = tool.execute_batch("ROLLBACK");
                    continue;
                }
                tried += 1;
                read_all(&SqliteStore::open(&path).unwrap());
            }
        }
    }
    read_all(&store);
    assert!(tried > 100, "{tried}");
}
