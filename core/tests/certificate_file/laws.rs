//! What holds for any bytes: limits, no panic, and that what is read once is read the same again.

use misp_onboarding::certificate::file::{self, MAX_CERTIFICATES_PER_FILE, MAX_FILE_BYTES};

use super::samples::SAMPLES;
use super::{block_text, smallest_der};

#[test]
fn the_limits_themselves_are_allowed() {
    let file = file::read(&smallest_der().repeat(MAX_CERTIFICATES_PER_FILE)).unwrap();
    assert_eq!(file.entries.len(), MAX_CERTIFICATES_PER_FILE);

    let mut text = block_text("CERTIFICATE");
    text.push_str(&" ".repeat(MAX_FILE_BYTES - text.len()));
    assert!(file::read(text.as_bytes()).is_ok());
}

/// Small and seeded, so that a failure comes back.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}

#[test]
fn damaged_files_never_panic_and_keep_the_law() {
    let samples: Vec<Vec<u8>> = [
        "one.pem",
        "one.der",
        "one-trusted.pem",
        "both.p7b",
        "both.p7c",
        "with-crl.p7c",
        "bundle.p12",
        "request.der",
    ]
    .into_iter()
    .map(|name| SAMPLES.bytes(name))
    .collect();
    let check = |bytes: &[u8]| match file::read(bytes) {
        Ok(file) => {
            assert!(file.certificates().count() > 0);
            // Each certificate, read by itself, is itself.
            for der in file.certificates() {
                let again = file::read(der).unwrap();
                assert!(again.certificates().eq([der]));
            }
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    };
    for sample in &samples {
        for length in 0..sample.len() {
            check(&sample[..length]);
            check(&sample[length..]);
        }
    }
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for _ in 0..20_000 {
        let mut bytes = samples[random.below(samples.len())].clone();
        for _ in 0..=random.below(4) {
            let index = random.below(bytes.len());
            match random.below(3) {
                0 => bytes[index] = random.below(256) as u8,
                1 => drop(bytes.remove(index)),
                _ => bytes.insert(index, b"\n-=\x30\x80\x00 A"[random.below(8)]),
            }
        }
        check(&bytes);
    }
}
