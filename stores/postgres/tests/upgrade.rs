//! Tables of an earlier version become what new ones are, with all that is in them.
#![allow(clippy::unwrap_used)]

mod support;

use misp_onboarding::license_key::{LicenseKeyFilter, LicenseKeySort, LicenseKeyStatus};
use misp_onboarding::list::{Direction, Query};
use misp_onboarding::store::{LicenseKeyRepository, PartnerRepository};
use misp_onboarding_testkit::conformance::samples::{self, literal};
use postgres::{Client, NoTls};
use support::{Schema, tool, url};

/// The tables of version 1 with the indexes of trigrams of that time, a partner and its license key.
fn version_one(schema: &Schema) {
    let mut client = Client::connect(&url(), NoTls).unwrap();
    client.batch_execute("CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public").unwrap();
    client.batch_execute(&format!("CREATE SCHEMA {0}; SET search_path TO {0}", schema.name)).unwrap();
    client.batch_execute(include_str!("../migrations/0001_initial.sql")).unwrap();
    client
        .batch_execute(
            "CREATE INDEX license_keys_words ON license_keys USING gin (organization_folded public.gin_trgm_ops, \
                 policy_name_folded public.gin_trgm_ops, policy_group_name_folded public.gin_trgm_ops, \
                 name_folded public.gin_trgm_ops); \
             CREATE TABLE misp_onboarding_schema (id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1), \
                 version BIGINT NOT NULL CHECK (version >= 0)); \
             INSERT INTO misp_onboarding_schema VALUES (1, 1); \
             INSERT INTO partners VALUES ('acme', 'acme', 'Bank of Acme', 'bank of acme', 'a', '1', 'a@b.org', 'a@b.org', \
                 'eng', NULL, '', 'inactive', NULL, 253402207199999999, 0, 'ana', 0, 'ana', 1); \
             INSERT INTO license_keys (id, partner_id, partner_id_folded, organization_folded, policy_name_folded, \
                 policy_group_name_folded, name, name_folded, digest, last4, state, origin, created_at, created_by, \
                 expires_at, version) \
             VALUES ('01890000-0000-7000-8000-000000000000', 'acme', 'acme', 'bank of acme', '', '', 'Front', 'front', \
                 decode(repeat('00', 32), 'hex'), 'abcd', 'active', 'generated', 0, 'ana', 1, 1)",
        )
        .unwrap();
}

/// Every column, index and constraint, without the schema's name.
fn made(schema: &Schema) -> Vec<String> {
    let sql = "SELECT 'column ' || table_name || ' ' || column_name || ' ' || data_type || ' ' || is_nullable \
                 FROM information_schema.columns WHERE table_schema = $1 \
               UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = $1 \
               UNION ALL SELECT 'constraint ' || conname || ' ' || pg_get_constraintdef(c.oid) FROM pg_constraint c \
                 JOIN pg_namespace n ON n.oid = c.connamespace WHERE n.nspname = $1 ORDER BY 1";
    let rows = tool(schema).query(sql, &[&schema.name]).unwrap();
    rows.iter().map(|row| row.get::<_, String>(0).replace(&schema.name, "schema")).collect()
}

#[test]
fn tables_of_version_one_become_what_new_ones_are() {
    let (old, new) = (Schema::new(), Schema::new());
    version_one(&old);
    let store = old.store();
    new.store();
    assert_eq!(made(&old), made(&new));
    assert_eq!(store.count_partners(&Default::default(), samples::NOW).unwrap(), 1);
    let query = Query {
        filter: LicenseKeyFilter {
            name: Some(literal("RON")),
            status: Some(LicenseKeyStatus::Expired),
            ..Default::default()
        },
        sort: LicenseKeySort::CreatedAt,
        direction: Direction::Descending,
        after: None,
        limit: 9,
        now: samples::NOW,
    };
    assert_eq!(store.list_license_keys(&query).unwrap()[0].key.name.as_str(), "Front");
}

#[test]
fn the_tables_hold_states_to_what_they_ask_for() {
    let schema = Schema::new();
    schema.store();
    let mut tool = tool(&schema);
    let constraints = [
        "ca_certificates_distrusted",
        "license_keys_deactivated",
        "license_keys_replaced",
        "partners_certified",
        "policies_published",
        "policy_links_decided",
    ];
    for constraint in constraints {
        let sql = "SELECT count(*) FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace \
                   WHERE n.nspname = $1 AND conname = $2 AND contype = 'c' AND convalidated";
        let found: i64 = tool.query_one(sql, &[&schema.name, &constraint]).unwrap().get(0);
        assert_eq!(found, 1, "{constraint}");
    }
    let broken = "INSERT INTO partners VALUES ('acme', 'acme', 'Acme', 'acme', 'a', '1', 'a@b.org', 'a@b.org', \
                  'eng', NULL, '', 'active', NULL, 0, 0, 'ana', 0, 'ana', 1)";
    let error = tool.batch_execute(broken).unwrap_err();
    assert_eq!(error.as_db_error().unwrap().constraint(), Some("partners_certified"));
}
