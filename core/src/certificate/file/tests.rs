//! That the work on a file is in proportion to its length, counted in bytes looked at.

use super::*;

/// Most bytes looked at for one byte of a file. The most are looked at where each byte is a dash, because the search
/// for a marker begins anew behind each of them and takes a chunk of 32 bytes at a time.
const WORK_PER_BYTE: usize = 40;

#[test]
fn the_worst_files_take_work_in_proportion() {
    let filled = |pattern: &str| {
        let mut bytes = pattern.repeat(MAX_FILE_BYTES / pattern.len()).into_bytes();
        bytes.resize(MAX_FILE_BYTES, b' ');
        bytes
    };
    // `filling`, and behind it as many of `pattern` as may be in a file.
    let behind = |filling: &str, pattern: &str| {
        let patterns = pattern.repeat(MAX_CERTIFICATES_PER_FILE);
        let mut bytes = filling.repeat((MAX_FILE_BYTES - patterns.len()) / filling.len()).into_bytes();
        bytes.extend(patterns.as_bytes());
        bytes
    };
    let block = "-----BEGIN CERTIFICATE-----\nMAMCAQA=\n-----END CERTIFICATE-----\n";
    let long_label = format!("-----BEGIN {}", "A".repeat(64));
    let broken_at_its_end = format!("-----BEGIN CMS-----{}*-----END CMS-----", "\n".repeat(900));
    let mut most = 0;
    for (bytes, is_read) in [
        (filled("-"), false),
        (filled("-----"), false),
        (filled("-----BEGIN "), false),
        (filled(&long_label), false),
        (filled("\r"), false),
        (filled("0"), false),
        (filled("M"), false),
        (filled("*"), false),
        (filled("A\n"), false),
        (filled("-----BEGIN A-----\n"), false),
        (filled("x\n-----END A----\n"), false),
        (filled(&broken_at_its_end), false),
        (behind("\n", block), true),
        (behind("A", block), true),
        (behind("-", block), true),
        (behind("-----BEGIN *", block), true),
        (behind("\n", "-----BEGIN A-----"), false),
        (behind("\n", "-----END A-----"), false),
    ] {
        let start = String::from_utf8_lossy(&bytes[..20]).into_owned();
        let (result, work) = pem::work::bounded(WORK_PER_BYTE * bytes.len(), || read(&bytes));
        assert_eq!(result.is_ok(), is_read, "{start:?}");
        most = most.max(work);
    }
    assert!(most >= MAX_FILE_BYTES, "no more than {most} bytes are counted");
    // One block, broken at its very end, behind a thousand others.
    let mut bytes = block.repeat(MAX_CERTIFICATES_PER_FILE - 1).into_bytes();
    bytes.extend(b"-----BEGIN CERTIFICATE-----");
    bytes.resize(MAX_FILE_BYTES - 100, b'\n');
    bytes.extend(b"*-----END CERTIFICATE-----");
    let (result, _) = pem::work::bounded(WORK_PER_BYTE * bytes.len(), || read(&bytes));
    assert_eq!(result.unwrap().entries.len(), MAX_CERTIFICATES_PER_FILE);
}
