//! How stores are connected, and what is refused.
#![allow(clippy::unwrap_used)]

mod support;

use std::error::Error;
use std::net::TcpListener;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};
use std::{env, process};

use misp_onboarding::store::{ChangeSet, PartnerRepository, Store, StoreError};
use misp_onboarding_postgres::{ConnectError, PostgresOptions, PostgresStore, SCHEMA_VERSION, Tls};
use misp_onboarding_testkit::conformance::samples;
use postgres::{Client, NoTls};
use support::{Schema, tool, url};

fn insert(store: &PostgresStore, partner: &str) -> Result<(), StoreError> {
    store.commit(ChangeSet::new().insert(samples::partner(partner)))
}

fn partners(store: &PostgresStore) -> u64 {
    store.count_partners(&Default::default(), samples::NOW).unwrap()
}

/// Why the store cannot answer.
fn unavailable<T: std::fmt::Debug>(result: Result<T, StoreError>) -> String {
    match result {
        Err(error @ StoreError::Unavailable(_)) => {
            let (mut told, mut cause) = (Vec::new(), error.source());
            while let Some(error) = cause {
                told.push(error.to_string());
                cause = error.source();
            }
            told.join(": ")
        }
        other => panic!("{other:?}"),
    }
}

/// What is wrong with the options.
fn refused(url: &str, options: &PostgresOptions) -> String {
    let error = PostgresStore::connect(url, options).unwrap_err();
    assert!(matches!(error, StoreError::Backend(_)), "{error:?}");
    let source = error.source().unwrap();
    assert!(source.downcast_ref::<ConnectError>().is_some(), "{source:?}");
    source.to_string()
}

#[test]
fn what_was_committed_is_there_after_connecting_again() {
    let schema = Schema::new();
    for partner in ["one", "two"] {
        insert(&schema.store(), partner).unwrap();
    }
    assert_eq!(partners(&schema.store()), 2);
}

#[test]
fn stores_in_two_schemas_know_nothing_of_each_other() {
    let (one, other) = (Schema::new(), Schema::named(format!("it's \"odd\" {}; --", process::id())));
    insert(&one.store(), "one").unwrap();
    insert(&other.store(), "one").unwrap();
    insert(&other.store(), "two").unwrap();
    assert_eq!((partners(&one.store()), partners(&other.store())), (1, 2));
}

#[test]
fn many_may_make_the_tables_at_once() {
    const THREADS: usize = 6;
    for _ in 0..4 {
        let schema = Schema::new();
        let start = Barrier::new(THREADS);
        thread::scope(|scope| {
            for number in 0..THREADS {
                let (start, schema) = (&start, &schema);
                scope.spawn(move || {
                    start.wait();
                    insert(&schema.store(), &format!("p{number}")).unwrap();
                });
            }
        });
        assert_eq!(partners(&schema.store()), THREADS as u64);
    }
}

/// The schema that a child process works in.
const CHILD_SCHEMA: &str = "MISP_ONBOARDING_TEST_SCHEMA";

/// Does nothing but in the processes that the next test starts.
#[test]
fn as_a_child_process() {
    if let Ok(name) = env::var(CHILD_SCHEMA) {
        let options = PostgresOptions::default().schema(name);
        let store = PostgresStore::connect(&url(), &options).unwrap();
        insert(&store, &format!("p{}", process::id())).unwrap();
        // The schema is not this process's to drop, and the process ends without closing its connections.
        process::exit(3);
    }
}

#[test]
fn several_processes_may_make_the_tables_at_once() {
    const CHILDREN: usize = 4;
    let schema = Schema::new();
    let child = || {
        process::Command::new(env::current_exe().unwrap())
            .args(["--exact", "as_a_child_process", "--quiet"])
            .env(CHILD_SCHEMA, &schema.name)
            .stdout(process::Stdio::null())
            .spawn()
            .unwrap()
    };
    let children: Vec<_> = (0..CHILDREN).map(|_| child()).collect();
    for mut child in children {
        assert_eq!(child.wait().unwrap().code(), Some(3));
    }
    assert_eq!(partners(&schema.store()), CHILDREN as u64);
}

#[test]
fn tables_of_a_later_version_are_refused() {
    let schema = Schema::new();
    drop(schema.store());
    let later = SCHEMA_VERSION + 1;
    tool(&schema).batch_execute(&format!("UPDATE misp_onboarding_schema SET version = {later}")).unwrap();
    match PostgresStore::connect(&url(), &schema.options()) {
        Err(StoreError::SchemaTooNew { supported, found }) => {
            assert_eq!((supported, found), (SCHEMA_VERSION, later));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_schema_with_tables_of_another_program_is_left_as_it_was() {
    let schema = Schema::new();
    let mut client = Client::connect(&url(), NoTls).unwrap();
    let name = &schema.name;
    client.batch_execute(&format!("CREATE SCHEMA {name}; CREATE TABLE {name}.partners (x INT)")).unwrap();
    let error = PostgresStore::connect(&url(), &schema.options()).unwrap_err();
    assert!(matches!(error, StoreError::Backend(_)), "{error:?}");
    let sql = "SELECT count(*) FROM information_schema.tables WHERE table_schema = $1";
    let tables: i64 = client.query_one(sql, &[name]).unwrap().get(0);
    assert_eq!(tables, 1);
}

#[test]
fn once_the_tables_are_there_reading_and_writing_them_is_right_enough() {
    let schema = Schema::new();
    drop(schema.store());
    let role = format!("role_{}", schema.name);
    let name = &schema.name;
    let mut client = Client::connect(&url(), NoTls).unwrap();
    client
        .batch_execute(&format!(
            "DROP ROLE IF EXISTS {role}; CREATE ROLE {role} LOGIN PASSWORD 'x'; \
             GRANT USAGE ON SCHEMA {name} TO {role}; \
             GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {name} TO {role}"
        ))
        .unwrap();
    let config: postgres::Config = url().parse().unwrap();
    let postgres::config::Host::Tcp(host) = &config.get_hosts()[0] else { panic!("a socket") };
    let (port, database) = (config.get_ports()[0], config.get_dbname().unwrap());
    let store =
        PostgresStore::connect(&format!("postgres://{role}:x@{host}:{port}/{database}"), &schema.options());
    insert(&store.unwrap(), "one").unwrap();
    client.batch_execute(&format!("DROP OWNED BY {role}; DROP ROLE {role}")).unwrap();
}

#[test]
fn a_server_that_is_not_there_makes_the_store_unavailable_at_once() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let started = Instant::now();
    let url = format!("postgres://somebody:secret@127.0.0.1:{port}/x");
    let told = unavailable(PostgresStore::connect(&url, &PostgresOptions::default()));
    let wanted = format!("a connection to PostgreSQL at 127.0.0.1:{port} is needed, found none");
    assert!(told.starts_with(&wanted), "{told}");
    assert!(told.contains("refused") && !told.contains("secret"), "{told}");
    assert!(started.elapsed() < Duration::from_secs(3));
}

#[test]
fn a_server_that_never_answers_makes_the_store_unavailable_in_time() {
    // It takes connections and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let options = PostgresOptions::default().connect_timeout(Duration::from_millis(300));
    let started = Instant::now();
    let url = format!("postgres://somebody@{}/x", silent.local_addr().unwrap());
    let told = unavailable(PostgresStore::connect(&url, &options));
    assert!(told.contains("within 300ms is needed, found no answer"), "{told}");
    assert!(started.elapsed() < Duration::from_secs(3));
}

#[test]
fn a_refused_login_makes_the_store_unavailable_and_says_why() {
    let mut config = url();
    config.push_str(if config.contains('?') { "&" } else { "?" });
    let told = unavailable(PostgresStore::connect(
        &format!("{config}user=nobody_by_this_name"),
        &PostgresOptions::default(),
    ));
    assert!(told.contains("nobody_by_this_name"), "{told}");
}

#[test]
fn options_that_cannot_be_are_refused_before_anything_is_connected() {
    let nowhere = "postgres://somebody@127.0.0.1:1/x";
    let options = PostgresOptions::default;
    assert!(refused("postgres://a:b:c@:::/", &options()).starts_with("a URL such as"));
    for name in ["", "a\0b", &"n".repeat(64)] {
        assert!(refused(nowhere, &options().schema(name)).starts_with("a schema name"), "{name}");
    }
    let required = format!("{nowhere}?sslmode=require");
    assert!(refused(&required, &options()).starts_with("root certificates are needed"));
    let tls = |roots: &[u8]| options().tls(Tls::Required { roots: roots.to_vec() });
    assert!(refused(nowhere, &tls(b"")).starts_with("at least one root certificate"));
    let broken = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    assert!(refused(nowhere, &tls(broken)).starts_with("root certificates in PEM"));
}

#[test]
fn neither_a_store_nor_its_options_show_a_password() {
    let schema = Schema::new();
    let options = schema.options().replica("postgres://somebody:secret@nowhere/x");
    let shown = format!("{options:?} {:?}", schema.store());
    assert!(!shown.contains("secret") && !shown.contains(&url()), "{shown}");
}

#[test]
fn a_statement_that_takes_too_long_is_given_up() {
    let schema = Schema::new();
    let options = schema.options().statement_timeout(Duration::from_millis(200));
    let store = PostgresStore::connect(&url(), &options).unwrap();
    insert(&store, "one").unwrap();
    let mut other = tool(&schema);
    let mut blocking = other.transaction().unwrap();
    blocking.execute("SELECT * FROM partners FOR UPDATE", &[]).unwrap();
    let started = Instant::now();
    let changed = misp_onboarding_testkit::conformance::samples::Successor::next(samples::partner("one"));
    let told = unavailable(store.commit(ChangeSet::new().update(changed.clone())));
    assert!(told.contains("statement timeout"), "{told}");
    assert!(started.elapsed() < Duration::from_secs(3));
    // Reading goes on, and so does writing once the lock is gone.
    assert_eq!(partners(&store), 1);
    blocking.rollback().unwrap();
    store.commit(ChangeSet::new().update(changed)).unwrap();
}

#[test]
fn a_call_that_finds_all_connections_in_use_waits_and_then_gives_up() {
    let schema = Schema::new();
    let options = schema.options().connections(1).connect_timeout(Duration::from_millis(800));
    let store = PostgresStore::connect(&url(), &options).unwrap();
    insert(&store, "one").unwrap();
    let mut other = tool(&schema);
    let mut blocking = other.transaction().unwrap();
    blocking.batch_execute("LOCK TABLE partners IN ACCESS EXCLUSIVE MODE").unwrap();
    thread::scope(|scope| {
        let first = scope.spawn(|| store.partner(&samples::partner_id("one")));
        thread::sleep(Duration::from_millis(200));
        let told = unavailable(store.partner(&samples::partner_id("one")));
        assert!(told.contains("found all 1 in use"), "{told}");
        let second = scope.spawn(|| store.partner(&samples::partner_id("one")));
        thread::sleep(Duration::from_millis(200));
        blocking.rollback().unwrap();
        assert!(first.join().unwrap().unwrap().is_some());
        assert!(second.join().unwrap().unwrap().is_some());
    });
}

#[test]
fn nobody_who_waits_for_a_connection_is_forgotten() {
    let schema = Schema::new();
    let patience = Duration::from_secs(60);
    let options = schema.options().connections(2).connect_timeout(patience);
    let store = PostgresStore::connect(&url(), &options).unwrap();
    insert(&store, "one").unwrap();
    let started = Instant::now();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..200 {
                    assert!(store.partner(&samples::partner_id("one")).unwrap().is_some());
                }
            });
        }
    });
    assert!(started.elapsed() < patience, "somebody waited to the end of its patience");
}

#[test]
fn extreme_options_are_brought_into_range() {
    let schema = Schema::new();
    for options in [
        schema.options().connections(0).statement_timeout(Duration::MAX).connect_timeout(Duration::MAX),
        schema.options().connections(usize::MAX),
    ] {
        assert_eq!(partners(&PostgresStore::connect(&url(), &options).unwrap()), 0);
    }
}
