//! The `openssl` command, as a second opinion.

use std::fs;
use std::process::{Command, Output, Stdio};

use misp_onboarding::Timestamp;
use misp_onboarding_testkit::pki::{Certificate, pem_bundle};

/// What `openssl` says, and whether it was content.
pub(crate) fn run(arguments: &[&str], input: &[u8]) -> (bool, String) {
    let mut child = Command::new("openssl")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("these tests need the openssl command");
    // It may end before it has read all, which its answer tells better than a broken pipe.
    let _ = std::io::Write::write_all(&mut child.stdin.take().unwrap(), input);
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    (status.success(), String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned())
}

/// `openssl x509 -text`, its white space reduced to single spaces.
pub(crate) fn text(certificate: &Certificate) -> String {
    let (good, text) = run(
        &["x509", "-inform", "DER", "-noout", "-text", "-nameopt", "RFC2253,show_type"],
        certificate.der(),
    );
    assert!(good, "{text}");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `openssl verify`: `Err` with what it printed.
pub(crate) fn verify(
    leaf: &Certificate,
    roots: &[&Certificate],
    intermediates: &[&Certificate],
    at: Timestamp,
) -> Result<(), String> {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str, content: String| {
        let path = directory.path().join(name);
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let roots = file("roots.pem", pem_bundle(roots.iter().copied()));
    let leaf = file("leaf.pem", leaf.pem());
    let at = at.unix_seconds().to_string();
    let mut arguments =
        vec!["verify", "-no-CApath", "-no-CAstore", "-check_ss_sig", "-attime", &at, "-CAfile", &roots];
    let untrusted = file("intermediates.pem", pem_bundle(intermediates.iter().copied()));
    if !intermediates.is_empty() {
        arguments.extend(["-untrusted", &untrusted]);
    }
    arguments.push(&leaf);
    match run(&arguments, b"") {
        (true, _) => Ok(()),
        (false, output) => Err(output),
    }
}
