//! The example `remind` on records that really end soon.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use crate::support::{Ran, program};
use misp_onboarding::license_key::{GenerateLicenseKey, Validity};
use misp_onboarding::partner::PartnerId;
use misp_onboarding::trust_store::TrustDomain;
use misp_onboarding::{Clock, SystemClock, Timestamp};
use misp_onboarding_sqlite::SqliteStore;
use misp_onboarding_testkit::pki::CertificateBuilder;
use misp_onboarding_testkit::scenario::{ORGANIZATION, Scenario, generate};

#[test]
fn everybody_is_told_of_their_own_and_the_operator_of_the_cas() {
    let setup = Setup::new();
    let ran = setup.remind(&[]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{}", ran.all());
    let texts: Vec<_> = ran.stdout.split("To: ").skip(1).collect();
    let [bank, ca, quiet] = texts[..] else { panic!("{texts:?}") };
    assert!(bank.starts_with("bank@example.org\n"), "{bank}");
    for part in
        ["The certificate of bank ends ", "License key \"production\" (...", "License key \"number 104\""]
    {
        assert!(bank.contains(part), "{part}: {bank}");
    }
    // More than a page, so the pages after the first were read.
    assert_eq!(bank.matches("License key").count(), 106);
    assert!(!bank.contains("long"), "{bank}");
    assert!(ca.starts_with("ca@example.org\n"), "{ca}");
    assert!(ca.contains("CA certificate CN=Short Root"), "{ca}");
    assert!(!ca.contains("Test Root CA"), "{ca}");
    assert!(quiet.starts_with("quiet@example.org\n") && quiet.contains("License key \"only\""), "{quiet}");
    assert!(!ran.stdout.contains("gone@example.org"), "nobody hears of a partner that is deactivated");

    assert_eq!(setup.remind(&["--days", "1"]).stdout, "", "nothing ends within a day");
}

#[test]
fn each_recipient_is_handed_to_the_program_and_one_that_fails_keeps_nobody_else_from_hearing() {
    let setup = Setup::new();
    let out = setup.folder.path().join("out");
    fs::create_dir(&out).unwrap();
    let script = setup.folder.path().join("mail.sh");
    let content =
        format!("#!/bin/sh\n[ \"$1\" != bank@example.org ] || exit 3\ncat > {}/\"$1\"\n", out.display());
    fs::write(&script, content).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o700)).unwrap();

    let ran = setup.remind(&["--send", script.to_str().unwrap()]);
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{}", ran.all());
    assert!(ran.stderr.contains("mail.sh: it ended with exit status: 3"), "{}", ran.stderr);
    assert!(ran.stderr.ends_with("error: 1 of 3 reminders were not sent\n"), "{}", ran.stderr);
    let read = |name: &str| fs::read_to_string(Path::new(&out).join(name)).unwrap();
    assert!(read("ca@example.org").contains("Short Root"));
    assert!(read("quiet@example.org").starts_with("The following ends soon. Please renew it in time.\n"));
    assert_eq!(fs::read_dir(&out).unwrap().count(), 2);
}

#[test]
fn options_that_make_no_sense_are_refused_with_the_usage() {
    let program = program("remind");
    for (arguments, message) in
        [(&["--db", "a"][..], "--operator is missing"), (&["--days", "soon"], "soon"), (&["x"], "\"x\"")]
    {
        let ran = Ran::from(Command::new(&program).args(arguments).output().unwrap());
        assert_eq!(ran.code, 2, "{}", ran.all());
        assert!(ran.stderr.contains(message) && ran.stderr.contains("Usage:"), "{}", ran.stderr);
    }
}

struct Setup {
    folder: tempfile::TempDir,
    program: PathBuf,
}

impl Setup {
    /// Certificates must have most of a year left when they are uploaded, so all this happened 350 days ago.
    fn new() -> Self {
        let now = SystemClock.now();
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(SqliteStore::open(folder.path().join("onboarding.sqlite")).unwrap());
        let s = Scenario::beginning(store, now.plus_days(-350));
        let root = CertificateBuilder::root("Short Root").valid(now.plus_days(-360), now.plus_days(20));
        let uploaded = s.onboarding.upload_ca_certificates(
            &s.admin,
            &TrustDomain::auth(),
            root.self_signed().pem().as_bytes(),
        );
        assert!(uploaded.unwrap().all_accepted());

        let bank = partner(&s, "bank", now.plus_days(10));
        key(&s, &bank, "production", 355);
        for number in 0..105 {
            key(&s, &bank, &format!("number {number}"), 370);
        }
        key(&s, &bank, "long", 500);
        key(&s, &partner(&s, "quiet", now.plus_days(300)), "only", 360);
        let gone = partner(&s, "gone", now.plus_days(10));
        key(&s, &gone, "production", 355);
        s.onboarding.deactivate_partner(&s.admin, &gone).unwrap();
        Self { folder, program: program("remind") }
    }

    fn remind(&self, options: &[&str]) -> Ran {
        let mut command = Command::new(&self.program);
        command.arg("--db").arg(self.folder.path().join("onboarding.sqlite"));
        Ran::from(command.args(["--operator", "ca@example.org"]).args(options).output().unwrap())
    }
}

fn partner(s: &Scenario, id: &str, certificate_ends: Timestamp) -> PartnerId {
    let partner = s.partner(id);
    s.trust_ca();
    let certificate = s.pki.issue_with(ORGANIZATION, |leaf| leaf.not_after(certificate_ends));
    s.onboarding.upload_certificate(&s.admin, &partner, certificate.pem().as_bytes()).unwrap();
    partner
}

fn key(s: &Scenario, partner: &PartnerId, name: &str, days: u64) {
    let validity = Validity::For(Duration::from_secs(days * 86_400));
    let command = GenerateLicenseKey { validity, ..generate(partner, name) };
    s.onboarding.generate_license_key(&s.admin, &command).unwrap();
}
