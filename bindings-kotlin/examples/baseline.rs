//! Measures two calls of the engine in Rust, and leaves in a folder what the same calls are measured with in Kotlin:
//! `cargo xtask bench kotlin` sets one beside the other.

use std::fs;
use std::hint::black_box;
use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use misp_onboarding::license_key::{GenerateLicenseKey, Validity};
use misp_onboarding::partner::NewPartner;
use misp_onboarding::trust_store::TrustDomain;
use misp_onboarding::{Actor, Clock, Onboarding, Role, SystemClock};
use misp_onboarding_testkit::pki::{Certificate, CertificateBuilder, Key};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// As many as are not remembered: Java remembers the last 750 certificates it has read, with their signatures.
const LEAVES: i64 = 1_000;
const ORGANIZATION: &str = "Example Bank";
/// Each is long enough for the clock and short enough to be left alone now and then: the best of them counts.
const ROUNDS: usize = 600;
const AUTHENTICATIONS: usize = 2_000;
const INSPECTIONS: usize = 50;

fn main() -> Result<()> {
    let folder = PathBuf::from(std::env::args_os().nth(1).ok_or("a folder is needed")?);
    fs::create_dir_all(&folder)?;
    let (cas, leaves) = certificates();
    fs::write(folder.join("root.pem"), cas[0].pem())?;
    fs::write(folder.join("issuing.pem"), cas[1].pem())?;
    fs::write(folder.join("leaves.pem"), leaves.iter().map(Certificate::pem).collect::<String>())?;

    let onboarding = Onboarding::in_memory();
    let admin = Actor::new("ana".parse()?, [Role::PartnerAdmin]);
    for ca in &cas {
        let report = onboarding.upload_ca_certificates(&admin, &TrustDomain::auth(), ca.pem().as_bytes())?;
        if !report.all_accepted() {
            return Err(report.to_string().into());
        }
    }
    let partner = onboarding.create_partner(
        &admin,
        &NewPartner {
            id: "bank".into(),
            organization: ORGANIZATION.into(),
            address: "1 Harbor Street".into(),
            contact_number: "+1 (555) 0100".into(),
            email: "misp@example.org".into(),
            ..NewPartner::default()
        },
    )?;
    let files: Vec<String> = leaves.iter().map(Certificate::pem).collect();
    onboarding.upload_certificate(&admin, &partner.id, files[0].as_bytes())?;
    let key = onboarding.generate_license_key(
        &admin,
        &GenerateLicenseKey {
            partner: partner.id.clone(),
            policy: None,
            name: "production".into(),
            validity: Validity::Default,
        },
    )?;

    let authenticate = best(AUTHENTICATIONS, |_| {
        let verdict = onboarding.authenticate(black_box(key.key.reveal()))?;
        if verdict.is_err() {
            return Err("the key is refused".into());
        }
        Ok(())
    })?;
    let inspect = best(INSPECTIONS, |number| {
        let report = onboarding.inspect_certificate(
            &admin,
            &partner.id,
            black_box(files[number % files.len()].as_bytes()),
        )?;
        if !report.accepted() {
            return Err(report.to_string().into());
        }
        Ok(())
    })?;
    writeln!(std::io::stdout(), r#"{{"authenticate_ns": {authenticate}, "inspect_ns": {inspect}}}"#)?;
    Ok(())
}

/// A root, an issuing CA, and partner certificates that differ in nothing but their numbers and signatures; RSA with
/// 2,048 bits throughout.
fn certificates() -> ([Certificate; 2], Vec<Certificate>) {
    let now = SystemClock.now();
    let root = CertificateBuilder::root("Benchmark Root CA").key(Key::rsa2048("root")).self_signed();
    let issuing = CertificateBuilder::intermediate("Benchmark Issuing CA")
        .key(Key::rsa2048("issuing"))
        .path_len(0)
        .issued_by(&root);
    let partner =
        CertificateBuilder::partner(ORGANIZATION).key(Key::rsa2048("partner")).valid_around(now, 730);
    let leaves = (1..=LEAVES).map(|number| partner.clone().serial(number).issued_by(&issuing)).collect();
    ([root, issuing], leaves)
}

/// The time of one call in the best of the rounds, in nanoseconds. The calls are numbered through all rounds.
fn best(calls: usize, mut call: impl FnMut(usize) -> Result<()>) -> Result<f64> {
    let mut best = f64::INFINITY;
    for round in 0..ROUNDS {
        let start = Instant::now();
        for number in 0..calls {
            call(round * calls + number)?;
        }
        best = best.min(start.elapsed().as_secs_f64() * 1e9 / calls as f64);
    }
    Ok(best)
}
