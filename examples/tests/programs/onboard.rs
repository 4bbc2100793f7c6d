//! The example `onboard`: the first command of the README.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::support::{self, Ran};
use misp_onboarding::event::{EventKind, EventSequence};
use misp_onboarding::license_key::{KEY_CHARACTERS, KEY_PREFIX, LicenseKey};
use misp_onboarding::partner::PartnerState;
use misp_onboarding::store::{CertificateRepository, EventRepository, PartnerRepository};
use misp_onboarding_sqlite::SqliteStore;

#[test]
fn the_demo_walks_the_whole_guide_and_leaves_no_key_behind() {
    let folder = tempfile::tempdir().unwrap();
    let db = folder.path().join("demo.sqlite");
    // While the store is open here, what the example writes stays in the write-ahead log too.
    let store = SqliteStore::open(&db).unwrap();
    let ran = run(&["--db", text(&db)]);
    assert_eq!(ran.code, 0, "{}", ran.all());
    assert_eq!(ran.stderr, "");
    assert!(ran.stdout.contains("made with OpenSSL"), "{}", ran.stdout);
    for verdict in
        ["good", "malformed", "unknown", "replaced", "authenticate.deactivated", "partner_deactivated"]
    {
        assert!(ran.stdout.contains(verdict), "{verdict}");
    }

    let keys = license_keys(&ran.stdout);
    assert_eq!(keys.len(), 2, "one generated, one regenerated");
    let events = store.events_after(EventSequence::START, 1_000).unwrap();
    assert_eq!(events.last().unwrap().event.kind, EventKind::LicenseKeyDeactivated);
    let told = format!("{events:?}");
    let files = database_files(folder.path());
    assert_eq!(files.len(), 3, "database, write-ahead log and its index");
    for key in keys {
        assert_eq!(ran.stdout.matches(&key).count(), 1, "a key is shown once");
        assert!(!told.contains(&key), "an event tells a key");
        for (name, bytes) in &files {
            assert!(!contains(bytes, &key), "{name} holds a key");
        }
    }
    assert!(files.iter().any(|(_, bytes)| contains(bytes, "misp-1@example.org")), "the search finds nothing");
}

#[test]
fn without_openssl_the_demo_uses_the_test_pki() {
    let folder = tempfile::tempdir().unwrap();
    let db = folder.path().join("demo.sqlite");
    let output =
        Command::new(program()).args(["--db", text(&db)]).env("PATH", folder.path()).output().unwrap();
    let ran = Ran::from(output);
    assert_eq!(ran.code, 0, "{}", ran.all());
    assert!(ran.stdout.contains("made with the test PKI"), "{}", ran.stdout);
}

#[test]
fn without_a_database_a_new_one_is_made_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(program()).env("TMPDIR", folder.path()).output().unwrap();
    let ran = Ran::from(output);
    assert_eq!(ran.code, 0, "{}", ran.all());
    let db = ran.stdout.lines().find_map(|line| line.strip_prefix("database:")).unwrap().trim();
    assert!(Path::new(db).starts_with(folder.path()), "{db}");
    assert!(Path::new(db).is_file(), "{db}");
}

#[test]
fn files_of_ones_own_are_taken_in_every_form() {
    let pki = Pki::new();
    let db = pki.file("own.sqlite");
    for (number, certificate) in ["partner.pem", "partner.der", "partner.p7b"].into_iter().enumerate() {
        // The intermediate comes before its root.
        let ran = run(&[
            "--db",
            text(&db),
            "--ca",
            text(&pki.file("intermediate.der")),
            "--ca",
            text(&pki.file("root.pem")),
            "--certificate",
            text(&pki.file(certificate)),
        ]);
        assert_eq!(ran.code, 0, "{certificate}: {}", ran.all());
        let partner = format!("Partner misp-{} of organization \"Example & Söhne\" is inactive.", number + 1);
        assert!(ran.stdout.contains(&partner), "{certificate}: {}", ran.stdout);
        let outcome = if number == 0 { "added as intermediate" } else { "already present" };
        assert!(ran.stdout.contains(outcome), "{certificate}: {}", ran.stdout);
        assert!(ran.stdout.contains("2 of 2, newest first"), "{certificate}: {}", ran.stdout);
    }
}

#[test]
fn a_refused_certificate_shows_its_report_and_is_not_stored() {
    let pki = Pki::new();
    let db = pki.file("refused.sqlite");
    let (root, intermediate, partner) =
        (pki.file("root.pem"), pki.file("intermediate.der"), pki.file("partner.pem"));
    let arguments = ["--db", text(&db), "--ca", text(&root), "--ca", text(&intermediate)];
    let other = ["--certificate", text(&partner), "--organization", "Another Bank"];
    let ran = run(&[&arguments[..], &other].concat());
    assert_eq!(ran.code, 1, "{}", ran.all());
    for part in ["Certificate rejected", "error certificate.organization_differs"] {
        assert!(ran.stdout.contains(part), "{part}: {}", ran.stdout);
    }
    let line = |name: &str| {
        ran.stdout.lines().filter(|line| line.trim().starts_with(name)).collect::<Vec<_>>().join("\n")
    };
    assert!(line("required:").contains("Another Bank"), "{}", ran.stdout);
    assert!(line("found:").contains("Example & Söhne"), "{}", ran.stdout);
    assert!(ran.stderr.contains("code: certificate.rejected"), "{}", ran.stderr);
    assert!(ran.stderr.contains("MOSIP's code: KER-PCM-008"), "{}", ran.stderr);

    let store = SqliteStore::open(&db).unwrap();
    let id = "misp-1".parse().unwrap();
    let stored = store.partner(&id).unwrap().unwrap();
    assert_eq!((stored.state, stored.certificate), (PartnerState::Inactive, None));
    assert_eq!(store.partner_certificates(&id).unwrap(), []);
}

#[test]
fn a_refused_ca_certificate_shows_its_findings() {
    let pki = Pki::new();
    let (db, intermediate, partner) =
        (pki.file("lonely.sqlite"), pki.file("intermediate.der"), pki.file("partner.pem"));
    let ran = run(&["--db", text(&db), "--ca", text(&intermediate), "--certificate", text(&partner)]);
    assert_eq!(ran.code, 1, "{}", ran.all());
    assert!(ran.stdout.contains("rejected"), "{}", ran.stdout);
    assert!(ran.stderr.contains("a CA certificate was refused"), "{}", ran.stderr);
}

#[test]
fn a_file_that_is_missing_or_of_another_kind_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    fs::write(file("text.txt"), "no certificate and no database").unwrap();
    let (db, absent, other) = (file("new.sqlite"), file("absent.pem"), file("text.txt"));
    for (name, arguments, message) in [
        ("absent", ["--certificate", text(&absent)], "absent.pem: No such file"),
        ("no certificate", ["--certificate", text(&other)], "code: certificate.rejected"),
        ("no database", ["--db", text(&other)], "text.txt: the store failed: an SQLite database is needed"),
    ] {
        let mut arguments = arguments.to_vec();
        if arguments[0] != "--db" {
            arguments.extend(["--db", text(&db)]);
        }
        let ran = run(&arguments);
        assert_eq!(ran.code, 1, "{name}: {}", ran.all());
        assert!(ran.stderr.contains(message), "{name}: {}", ran.stderr);
    }
}

#[test]
fn options_that_make_no_sense_are_refused_with_the_usage() {
    for (arguments, message) in [
        (&["--no-such"][..], "'--no-such'"),
        (&["--db"], "'--db'"),
        (&["--ca", "root.pem"], "--ca needs the --certificate"),
        (&["--db", "a", "--db", "b"], "--db can be given once"),
        (&["file.pem"], "\"file.pem\""),
    ] {
        let ran = run(arguments);
        assert_eq!(ran.code, 2, "{arguments:?}: {}", ran.all());
        assert!(ran.stderr.contains(message), "{arguments:?}: {}", ran.stderr);
        assert!(ran.stderr.contains("Usage:"), "{arguments:?}: {}", ran.stderr);
        assert_eq!(ran.stdout, "", "{arguments:?}");
    }
    let help = run(&["--help"]);
    assert_eq!((help.code, help.stderr.as_str()), (0, ""));
    assert!(help.stdout.contains("--organization <NAME>"), "{}", help.stdout);
}

fn run(arguments: &[&str]) -> Ran {
    Command::new(program()).args(arguments).output().unwrap().into()
}

fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| support::program("onboard"))
}

/// The words of the text that are license keys.
fn license_keys(text: &str) -> Vec<String> {
    let is_key = |word: &&str| word.starts_with(KEY_PREFIX) && word.len() == KEY_CHARACTERS;
    let keys: Vec<String> = text.split_whitespace().filter(is_key).map(str::to_owned).collect();
    keys.iter().for_each(|key| assert!(LicenseKey::parse(key).is_ok()));
    keys
}

/// The name and the bytes of every file of a folder: the database and what belongs to it.
fn database_files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (text(&path).to_owned(), fs::read(&path).unwrap()))
        .collect()
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A PKI as somebody makes it with the `openssl` command: Ed25519 root, P-256 intermediate, RSA partner.
struct Pki {
    folder: tempfile::TempDir,
}

impl Pki {
    fn new() -> Self {
        let pki = Self { folder: tempfile::tempdir().unwrap() };
        for command in [
            "genpkey -algorithm ED25519 -out root.key",
            "req -new -x509 -utf8 -config pki.cnf -subj /O=CA/CN=Root -extensions ca -key root.key -days 7300 -out root.pem",
            "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out intermediate.key",
            "req -new -config pki.cnf -subj /O=CA/CN=Intermediate -key intermediate.key -out intermediate.csr",
            "x509 -req -in intermediate.csr -CA root.pem -CAkey root.key -set_serial 2 -extfile pki.cnf -extensions ca -days 3650 -out intermediate.pem",
            "x509 -in intermediate.pem -outform DER -out intermediate.der",
            "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out partner.key",
            "req -new -utf8 -config pki.cnf -key partner.key -out partner.csr",
            "x509 -req -in partner.csr -CA intermediate.pem -CAkey intermediate.key -set_serial 3 -extfile pki.cnf -extensions leaf -days 400 -out partner.pem",
            "x509 -in partner.pem -outform DER -out partner.der",
            "crl2pkcs7 -nocrl -certfile partner.pem -certfile intermediate.pem -out partner.p7b",
        ] {
            fs::write(pki.file("pki.cnf"), CONFIGURATION).unwrap();
            let output = Command::new("openssl")
                .args(command.split(' '))
                .current_dir(pki.folder.path())
                .output()
                .expect("these tests need the openssl command");
            assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
        }
        pki
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

const CONFIGURATION: &str = "\
[req]
prompt = no
distinguished_name = partner
[partner]
O = Example & Söhne
CN = misp.example
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[leaf]
keyUsage = critical, digitalSignature
";
