//! Where the certificates come from: the user's files, or a demo PKI made for this run.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use misp_onboarding::Timestamp;
use misp_onboarding_testkit::pki::TestPki;

use crate::failure::Failure;

/// The organization that the demo PKI certifies.
const ORGANIZATION: &str = "Demo Bank";

/// The files to upload.
pub(crate) struct Certificates {
    /// Where they come from, in a sentence.
    pub(crate) origin: String,
    pub(crate) ca: Vec<File>,
    pub(crate) partner: File,
}

/// A file and what is in it.
pub(crate) struct File {
    pub(crate) path: PathBuf,
    pub(crate) content: Vec<u8>,
}

impl File {
    fn read(path: &Path) -> Result<Self, Failure> {
        let content = fs::read(path).map_err(|error| Failure::file(path, error))?;
        Ok(Self { path: path.to_owned(), content })
    }

    /// Its name without the folders.
    pub(crate) fn name(&self) -> String {
        self.path.file_name().unwrap_or(self.path.as_os_str()).to_string_lossy().into_owned()
    }
}

impl Certificates {
    /// The user's own files.
    pub(crate) fn given(ca: &[PathBuf], partner: &Path) -> Result<Self, Failure> {
        Ok(Self {
            origin: "the files named on the command line".to_owned(),
            ca: ca.iter().map(|path| File::read(path)).collect::<Result<_, _>>()?,
            partner: File::read(partner)?,
        })
    }

    /// The three files of a demo PKI in a folder.
    fn made(folder: &Path, made_with: &str) -> Result<Self, Failure> {
        Ok(Self {
            origin: format!("a demo PKI made with {made_with}, in {}", folder.display()),
            ca: vec![File::read(&folder.join("root.pem"))?, File::read(&folder.join("intermediate.pem"))?],
            partner: File::read(&folder.join("partner.pem"))?,
        })
    }
}

/// Makes a root, an intermediate below it and a partner's certificate in the folder: with the `openssl` command where there is one,
/// otherwise with the test PKI.
pub(crate) fn make(folder: &Path, now: Timestamp) -> Result<Certificates, Failure> {
    match openssl_version() {
        Some(version) => {
            with_openssl(folder)?;
            Certificates::made(folder, &version)
        }
        None => {
            with_test_pki(folder, now)?;
            Certificates::made(folder, "the test PKI (there is no openssl command)")
        }
    }
}

fn openssl_version() -> Option<String> {
    let output = Command::new("openssl").arg("version").stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    // "OpenSSL 3.5.4 30 Sep 2025 (Library: ...)"
    let version: Vec<&str> = text.split_whitespace().take(2).collect();
    (output.status.success() && !version.is_empty()).then(|| version.join(" "))
}

/// What the certificates have, in openssl's words. Nothing is left to the system's own configuration.
const CONFIGURATION: &str = "\
[req]
prompt = no
distinguished_name = {name}_name

[root_name]
C = XX
O = Demo Authority
CN = Demo Root CA

[intermediate_name]
C = XX
O = Demo Authority
CN = Demo Issuing CA

[partner_name]
C = XX
O = Demo Bank
CN = misp.demo-bank.example

[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash

[intermediate]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid

[partner]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature, keyEncipherment
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
";

fn with_openssl(folder: &Path) -> Result<(), Failure> {
    for (name, key) in [
        ("root", "RSA -pkeyopt rsa_keygen_bits:3072"),
        ("intermediate", "EC -pkeyopt ec_paramgen_curve:P-384"),
        ("partner", "RSA -pkeyopt rsa_keygen_bits:2048"),
    ] {
        // A configuration has one subject: the section that it names.
        let configuration = CONFIGURATION.replace("{name}", name);
        write(folder, &format!("{name}.cnf"), &configuration)?;
        openssl(folder, &format!("genpkey -algorithm {key} -out {name}.key"))?;
    }
    let extensions = "-config root.cnf -extensions root";
    openssl(folder, &format!("req -new -x509 -sha256 {extensions} -key root.key -days 7300 -out root.pem"))?;
    for (name, issuer, days) in [("intermediate", "root", 3_650), ("partner", "intermediate", 730)] {
        openssl(folder, &format!("req -new -config {name}.cnf -key {name}.key -out {name}.csr"))?;
        let sign = format!("x509 -req -sha256 -CA {issuer}.pem -CAkey {issuer}.key -CAcreateserial");
        let extensions = format!("-extfile {name}.cnf -extensions {name}");
        openssl(folder, &format!("{sign} {extensions} -days {days} -in {name}.csr -out {name}.pem"))?;
    }
    Ok(())
}

/// Runs `openssl` in the folder; no argument here has a space in it.
fn openssl(folder: &Path, arguments: &str) -> Result<(), Failure> {
    let failed = |reason: io::Error| Failure::file(format!("openssl {arguments}"), reason);
    let output = Command::new("openssl")
        .args(arguments.split_whitespace())
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .map_err(failed)?;
    if output.status.success() {
        return Ok(());
    }
    Err(failed(io::Error::other(String::from_utf8_lossy(&output.stderr).trim().to_owned())))
}

fn with_test_pki(folder: &Path, now: Timestamp) -> Result<(), Failure> {
    let pki = TestPki::new(now);
    write(folder, "root.pem", &pki.root.pem())?;
    write(folder, "intermediate.pem", &pki.issuing.pem())?;
    write(folder, "partner.pem", &pki.issue(ORGANIZATION).pem())
}

fn write(folder: &Path, name: &str, content: &str) -> Result<(), Failure> {
    let path = folder.join(name);
    fs::write(&path, content).map_err(|error| Failure::file(&path, error))
}
