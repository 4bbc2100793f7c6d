//! The `openssl` command, as a second opinion.
//!
//! The command instead of a binding: it asks for no headers and no long build, and with 16 leaves a call it is fast
//! enough (7 ms a call, of which 4 are for starting it).

#![allow(dead_code, reason = "each test uses a part of it")]

use std::fs;
use std::process::{Command, Output, Stdio};

use misp_onboarding::Timestamp;
use misp_onboarding::certificate::pem;
use misp_onboarding_testkit::pki::Certificate;

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

/// `openssl verify`: `Err` with the errors it found.
pub(crate) fn verify(
    leaf: &Certificate,
    roots: &[&Certificate],
    intermediates: &[&Certificate],
    at: Timestamp,
) -> Result<(), String> {
    let roots: Vec<_> = roots.iter().map(|root| root.der()).collect();
    let intermediates: Vec<_> = intermediates.iter().map(|intermediate| intermediate.der()).collect();
    verify_all(&[leaf.der()], &roots, &intermediates, at, &[]).remove(0)
}

/// `openssl verify` of several leaves at once, which costs little more than one; certificates in DER.
pub(crate) fn verify_all(
    leaves: &[&[u8]],
    roots: &[&[u8]],
    intermediates: &[&[u8]],
    at: Timestamp,
    options: &[&str],
) -> Vec<Result<(), String>> {
    let pem = |ders: &[&[u8]]| ders.iter().map(|der| pem::encode("CERTIFICATE", der)).collect();
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str, content: String| fs::write(directory.path().join(name), content).unwrap();
    let at = at.unix_seconds().to_string();
    let mut arguments = vec!["verify", "-no-CApath", "-no-CAstore", "-attime", &at, "-CAfile", "roots"];
    file("roots", pem(roots));
    if !intermediates.is_empty() {
        file("intermediates", pem(intermediates));
        arguments.extend(["-untrusted", "intermediates"]);
    }
    arguments.extend(options);
    let names: Vec<_> = (0..leaves.len()).map(|index| format!("leaf{index}")).collect();
    for (name, leaf) in names.iter().zip(leaves) {
        file(name, pem(&[*leaf]));
    }
    arguments.extend(names.iter().map(String::as_str));
    let output = Command::new("openssl")
        .args(&arguments)
        .current_dir(directory.path())
        .output()
        .expect("these tests need the openssl command");
    let good = String::from_utf8_lossy(&output.stdout);
    let bad = String::from_utf8_lossy(&output.stderr);
    assert!(good.contains("leaf") || bad.contains("leaf"), "openssl verified nothing: {bad}");
    names
        .iter()
        .map(|name| {
            if good.lines().any(|line| line == format!("{name}: OK")) {
                return Ok(());
            }
            // "error 10 at 0 depth lookup: certificate has expired", ..., "error leaf0: verification failed"
            let end = bad.find(&format!("error {name}: ")).unwrap_or(bad.len());
            let before = &bad[..end];
            let begin = before.rfind(": verification failed").unwrap_or(0);
            let errors = before[begin..].lines().filter_map(|line| line.split_once("lookup: "));
            Err(errors.map(|(_, error)| error).collect::<Vec<_>>().join(", "))
        })
        .collect()
}
