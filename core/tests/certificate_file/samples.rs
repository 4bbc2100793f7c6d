//! Sample files, made by the `openssl` command once per run: nothing secret or outdated is kept in the sources.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

pub(crate) struct Samples {
    directory: tempfile::TempDir,
}

pub(crate) static SAMPLES: LazyLock<Samples> = LazyLock::new(|| {
    let directory = tempfile::tempdir().unwrap();
    for command in RECIPE.lines().map(str::trim).filter(|line| !line.is_empty()) {
        openssl(directory.path(), command, b"");
    }
    Samples { directory }
});

const RECIPE: &str = "
    genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem
    pkcs8 -topk8 -nocrypt -in key.pem -outform DER -out key.der
    pkey -in key.pem -traditional -out key-ec.pem
    pkey -in key.pem -traditional -outform DER -out key-ec.der
    pkcs8 -topk8 -in key.pem -v2 aes-256-cbc -passout pass:sample -outform DER -out key-encrypted.der
    pkey -in key.pem -pubout -out public.pem
    pkey -in key.pem -pubout -outform DER -out public.der
    genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.pem
    rsa -in rsa.pem -traditional -outform DER -out rsa.der
    rsa -in rsa.pem -RSAPublicKey_out -outform DER -out rsa-public.der
    req -x509 -new -key key.pem -subj /CN=Sample\u{a0}One -days 30 -out one.pem
    req -x509 -new -key rsa.pem -subj /CN=Sample\u{a0}Two -days 30 -out two.pem
    x509 -in one.pem -outform DER -out one.der
    x509 -in two.pem -outform DER -out two.der
    x509 -in one.pem -addtrust serverAuth -setalias sample -trustout -out one-trusted.pem
    req -new -key key.pem -subj /CN=Sample -out request.pem
    req -in request.pem -outform DER -out request.der
    ca -gencrl -config ca.conf -keyfile key.pem -cert one.pem -crldays 30 -out crl.pem
    crl -in crl.pem -outform DER -out crl.der
    pkcs12 -export -inkey key.pem -in one.pem -passout pass:sample -out bundle.p12
    crl2pkcs7 -nocrl -certfile one.pem -certfile two.pem -out both.p7b
    crl2pkcs7 -nocrl -certfile one.pem -certfile two.pem -outform DER -out both.p7c
    crl2pkcs7 -in crl.pem -certfile two.pem -outform DER -out with-crl.p7c
    crl2pkcs7 -nocrl -outform DER -out empty.p7c
    cms -sign -signer one.pem -inkey key.pem -in ca.conf -nodetach -outform DER -out signed.p7m
    cms -sign -signer one.pem -inkey key.pem -in ca.conf -nodetach -stream -indef -outform DER -out indefinite.p7m
    cms -encrypt -in ca.conf -outform DER -out encrypted.p7m two.pem
";

impl Samples {
    pub(crate) fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.directory.path().join(name)).unwrap()
    }

    pub(crate) fn text(&self, name: &str) -> String {
        String::from_utf8(self.bytes(name)).unwrap()
    }

    /// What `openssl` prints for `input`.
    pub(crate) fn openssl(&self, command: &str, input: &[u8]) -> String {
        openssl(self.directory.path(), command, input)
    }
}

fn openssl(directory: &Path, command: &str, input: &[u8]) -> String {
    let configuration = directory.join("ca.conf");
    if !configuration.exists() {
        fs::write(&configuration, "[ca]\ndefault_ca = a\n[a]\ndatabase = index\ndefault_md = sha256\n")
            .unwrap();
        fs::write(directory.join("index"), "").unwrap();
    }
    let mut child = Command::new("openssl")
        // A no-break space stands for a space within an argument.
        .args(command.split(' ').map(|argument| argument.replace('\u{a0}', " ")))
        .current_dir(directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("these tests need the openssl command");
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "openssl {command}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
