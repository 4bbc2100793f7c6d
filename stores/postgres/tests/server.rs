//! What becomes of a store when its server restarts, crashes or asks for TLS: on servers that the tests start.
#![allow(clippy::unwrap_used)]

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use misp_onboarding::event::{EventKind, EventSequence};
use misp_onboarding::id::Version;
use misp_onboarding::store::{
    ChangeSet, EventRepository, LicenseKeyRepository, PartnerRepository, RecordId, Store, StoreError,
};
use misp_onboarding_postgres::{PostgresOptions, PostgresStore, SCHEMA_VERSION, Tls};
use misp_onboarding_testkit::conformance::samples::{self, Successor};
use misp_onboarding_testserver::Server;

fn server() -> Server {
    Server::start(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/postgres"), &[]).unwrap()
}

fn insert(store: &PostgresStore, partner: &str) -> Result<(), StoreError> {
    store.commit(ChangeSet::new().insert(samples::partner(partner)))
}

fn count(store: &PostgresStore) -> Result<u64, StoreError> {
    store.count_partners(&Default::default(), samples::NOW)
}

#[test]
fn a_server_that_restarted_is_found_again() {
    let mut server = server();
    let store = PostgresStore::connect(&server.url(), &PostgresOptions::default()).unwrap();
    insert(&store, "one").unwrap();
    // Several connections are idle when the server stops, and each of them is broken afterwards.
    thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| (0..50).for_each(|_| assert_eq!(count(&store).unwrap(), 1)));
        }
    });
    server.stop().unwrap();
    let error = count(&store).unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    let error = insert(&store, "two").unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    server.resume().unwrap();
    // The very first calls succeed.
    insert(&store, "two").unwrap();
    assert_eq!(count(&store).unwrap(), 2);

    // Without a call in between, nobody noticed that the server was away.
    server.stop().unwrap();
    server.resume().unwrap();
    assert_eq!(count(&store).unwrap(), 2);
    server.stop().unwrap();
    server.resume().unwrap();
    insert(&store, "three").unwrap();
    assert_eq!(count(&store).unwrap(), 3);
}

#[test]
fn a_server_that_crashes_keeps_what_was_acknowledged_and_nothing_twice() {
    const CRASHES: u32 = 4;
    let mut server = server();
    let store = PostgresStore::connect(&server.url(), &PostgresOptions::default()).unwrap();
    insert(&store, "acme").unwrap();
    let (done, acknowledged, attempted) = (AtomicBool::new(false), AtomicU32::new(1), AtomicU32::new(1));
    thread::scope(|scope| {
        scope.spawn(|| {
            // One writer moves the version. Were a commit repeated inside, it would meet a conflict.
            let mut known = samples::partner("acme");
            while !done.load(Ordering::SeqCst) {
                let next = known.clone().next();
                attempted.store(next.version.number(), Ordering::SeqCst);
                match store.commit(ChangeSet::new().update(next.clone())) {
                    Ok(()) => {
                        acknowledged.store(next.version.number(), Ordering::SeqCst);
                        known = next;
                    }
                    // Whether it was committed nobody knows; the record tells as soon as the server answers.
                    Err(StoreError::Unavailable(_)) => {
                        let found = loop {
                            if let Ok(found) = store.partner(&known.id) {
                                break found.unwrap();
                            }
                        };
                        assert!(found == known || found == next, "{found:?}");
                        known = found;
                    }
                    Err(error) => panic!("{error:?}"),
                }
            }
        });
        for _ in 0..CRASHES {
            let seen = acknowledged.load(Ordering::SeqCst);
            let started = Instant::now();
            while acknowledged.load(Ordering::SeqCst) < seen + 20 {
                assert!(started.elapsed() < Duration::from_secs(30), "nothing is committed any more");
                thread::sleep(Duration::from_millis(5));
            }
            server.kill().unwrap();
            thread::sleep(Duration::from_millis(100));
            server.resume().unwrap();
        }
        done.store(true, Ordering::SeqCst);
    });
    let found = store.partner(&samples::partner_id("acme")).unwrap().unwrap();
    let least = Version::new(acknowledged.load(Ordering::SeqCst));
    let most = Version::new(attempted.load(Ordering::SeqCst));
    assert!(found.version >= least && found.version <= most, "{least} to {most}, found {}", found.version);
}

/// Makes a root and a server certificate for 127.0.0.1 and localhost, and gives both roots: ours and another.
fn certificates(folder: &Path) -> (Vec<u8>, Vec<u8>) {
    let script = "set -e
        root() {
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj \"/CN=$1\" \
                -keyout $1.key -out $1.pem
        }
        root ours; root other
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=server -keyout server.key -out server.csr
        printf 'subjectAltName=IP:127.0.0.1\\nbasicConstraints=CA:FALSE\\n' > server.ext
        openssl x509 -req -in server.csr -CA ours.pem -CAkey ours.key -CAcreateserial -days 2 -extfile server.ext \
            -out server.pem
        chmod 600 server.key";
    let output = Command::new("sh").args(["-c", script]).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let read = |name| fs::read(folder.join(name)).unwrap();
    (read("ours.pem"), read("other.pem"))
}

#[test]
fn tls_is_used_where_it_is_required_and_refused_where_the_server_cannot_be_trusted() {
    let mut server = server();
    let (ours, other) = certificates(server.folder());
    let required = |roots: &[u8]| PostgresOptions::default().tls(Tls::Required { roots: roots.to_vec() });
    let connect = |url: &str, roots: &[u8]| PostgresStore::connect(url, &required(roots));
    let refused = |result: Result<PostgresStore, StoreError>| match result {
        Err(error @ StoreError::Unavailable(_)) => {
            let cause = error.source().and_then(Error::source).unwrap();
            format!("{cause}: {}", cause.source().map(ToString::to_string).unwrap_or_default())
        }
        other => panic!("{other:?}"),
    };
    // A server without TLS is never talked to in the clear.
    let told = refused(connect(&server.url(), &ours));
    assert!(told.contains("TLS"), "{told}");

    server.stop().unwrap();
    let files = ["cert", "key"].map(|kind| {
        let suffix = if kind == "cert" { "pem" } else { "key" };
        format!("ssl_{kind}_file={}", server.folder().join(format!("server.{suffix}")).display())
    });
    server.settings(&["ssl=on", &files[0], &files[1]]);
    server.resume().unwrap();

    let store = connect(&server.url(), &ours).unwrap();
    insert(&store, "one").unwrap();
    assert_eq!(count(&store).unwrap(), 1);
    let sql = "DO $$ BEGIN ASSERT (SELECT count(*) FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid) \
               WHERE s.ssl AND a.application_name = 'misp-onboarding') > 0; END $$";
    server.run_sql("onboarding", sql).unwrap();

    let told = refused(connect(&server.url(), &other));
    assert!(told.contains("UnknownIssuer"), "{told}");
    let by_name = server.url().replace("127.0.0.1", "localhost");
    let told = refused(connect(&by_name, &ours));
    assert!(told.contains("not valid for name"), "{told}");
}

#[test]
fn a_replica_answers_lists_without_its_primary_and_becomes_one_when_promoted() {
    let mut primary = server();
    let primary_url = primary.url();
    drop(PostgresStore::connect(&primary_url, &PostgresOptions::default()).unwrap());
    let replica = primary.replica().unwrap();
    // Both by name, so that whichever takes writes is found.
    let both = primary_url.replace(
        &format!("127.0.0.1:{}", primary.port()),
        &format!("127.0.0.1:{},127.0.0.1:{}", primary.port(), replica.port()),
    );
    let writable = format!("{both}?target_session_attrs=read-write");
    let options = PostgresOptions::default().replica(replica.url()).authenticate_on_replica(true);
    let store = PostgresStore::connect(&writable, &options).unwrap();
    insert(&store, "one").unwrap();
    let mut changes = ChangeSet::new();
    changes.insert(samples::license_key(1, "one"));
    changes.event(samples::event(EventKind::PartnerCreated, RecordId::Partner(samples::partner_id("one"))));
    store.commit(&changes).unwrap();
    // What a command decides on comes from the primary at once, what is shown from the replica soon.
    assert!(store.partner(&samples::partner_id("one")).unwrap().is_some());
    let events = || store.events_after(EventSequence::START, 9).unwrap();
    let started = Instant::now();
    while events().is_empty() {
        assert!(started.elapsed() < Duration::from_secs(10), "the replica gets nothing");
    }

    primary.kill().unwrap();
    assert_eq!((count(&store).unwrap(), events().len()), (1, 1));
    assert!(store.find_by_digest(&samples::digest(1)).unwrap().is_some());
    let error = store.partner(&samples::partner_id("one")).unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    let error = insert(&store, "two").unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");

    replica.promote().unwrap();
    insert(&store, "two").unwrap();
    assert_eq!(count(&store).unwrap(), 2);
}

#[test]
fn a_replica_without_the_tables_is_told_apart_from_one_that_is_away() {
    let (primary, empty) = (server(), server());
    let options = PostgresOptions::default().replica(empty.url()).connect_timeout(Duration::from_millis(700));
    let error = PostgresStore::connect(&primary.url(), &options).unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    let told = error.source().unwrap().to_string();
    assert_eq!(told, format!("a replica with schema version {SCHEMA_VERSION} is needed, found version 0"));
}
