//! Files that are cut, damaged, of another kind or made up.

use misp_onboarding::partner::PartnerId;
use misp_onboarding::store::{MemoryStore, PartnerRepository};
use misp_onboarding::transfer::{self, MAX_LINE_BYTES, TransferError};
use misp_onboarding_testkit::transfers::{Furnished, completed, exported};

use crate::refusal;

fn file() -> Vec<u8> {
    exported(Furnished::in_memory().scenario.onboarding.store())
}

fn lines() -> Vec<String> {
    String::from_utf8(file()).unwrap().lines().map(str::to_owned).collect()
}

fn joined(lines: &[String]) -> Vec<u8> {
    lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect::<String>().into_bytes()
}

/// The place of the first line that starts like this.
fn place(lines: &[String], start: &str) -> usize {
    lines.iter().position(|line| line.starts_with(start)).unwrap_or_else(|| panic!("no line {start}"))
}

#[test]
fn a_file_cut_anywhere_is_told_to_be_cut() {
    let file = file();
    let first_line = file.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    for cut in (first_line..file.len()).step_by(97).chain([first_line, file.len() - 1]) {
        assert_eq!(refusal(&file[..cut]).0, "transfer.cut", "cut after {cut} bytes");
    }
    for cut in [0, 1, first_line - 1] {
        assert_eq!(refusal(&file[..cut]).0, "transfer.not_an_export", "cut after {cut} bytes");
    }
}

#[test]
fn a_line_of_any_kind_that_is_damaged_is_named() {
    let lines = lines();
    for start in [
        "{\"event\"",
        "{\"record\":{\"trust_domain\"",
        "{\"record\":{\"ca_certificate\"",
        "{\"record\":{\"policy_group\"",
        "{\"record\":{\"policy\"",
        "{\"record\":{\"partner\"",
        "{\"record\":{\"partner_certificate\"",
        "{\"record\":{\"policy_link\"",
        "{\"record\":{\"license_key\"",
        "{\"end\"",
    ] {
        let number = place(&lines, start);
        let line = &lines[number];
        let broken = [
            String::new(),
            line[..line.len() - 1].to_owned(),
            line.replacen(':', ";", 1),
            line.replacen("\":", "_x\":", 2),
            format!("{}\u{0}", line),
            "[".repeat(10_000),
            "\u{feff}".to_owned(),
        ];
        for text in broken {
            let mut lines = lines.clone();
            lines[number] = text.clone();
            let (code, error) = refusal(&joined(&lines));
            assert_eq!(code, "transfer.line", "{start}: {error}");
            assert!(error.to_string().contains(&format!("line {} ", number + 1)), "{error}");
        }
    }
}

#[test]
fn what_still_reads_as_a_line_is_told_by_the_digest_or_the_counts() {
    let lines = lines();
    let renamed: Vec<String> = lines.iter().map(|line| line.replace("for tests", "for guests")).collect();
    assert_eq!(refusal(&joined(&renamed)).0, "transfer.damaged");
    let mut fewer = lines.clone();
    fewer.remove(place(&lines, "{\"record\":{\"policy_link\""));
    assert_eq!(refusal(&joined(&fewer)).0, "transfer.damaged");
    let mut swapped = lines.clone();
    swapped.swap(1, 2);
    // Events out of order are refused when they are to be stored, before the end is seen.
    assert_eq!(transfer::verify(&joined(&swapped)[..]).unwrap_err().code(), "transfer.damaged");
    // The digest fits, the counts do not.
    let whole = String::from_utf8(completed(&joined(&lines[..lines.len() - 1]))).unwrap();
    assert!(transfer::verify(whole.as_bytes()).is_ok());
    let (before, end) = whole.rsplit_once("\"partners\":3").unwrap();
    let (code, error) = refusal(format!("{before}\"partners\":4{end}").as_bytes());
    assert_eq!(code, "transfer.damaged");
    assert_eq!(error.to_string(), "partners: 4 needed, found 3: the file is damaged");
}

#[test]
fn nothing_may_stand_before_the_begin_or_after_the_end() {
    let lines = lines();
    let mut twice = lines.clone();
    twice.insert(1, lines[0].clone());
    assert_eq!(refusal(&joined(&twice)).0, "transfer.line");
    for after in [lines[1].clone(), lines.last().unwrap().clone(), String::new()] {
        let mut more = lines.clone();
        more.push(after);
        assert_eq!(refusal(&joined(&more)).0, "transfer.line");
    }
    let mut half = joined(&lines);
    half.push(b'{');
    assert_eq!(refusal(&half).0, "transfer.line");
    assert_eq!(refusal(&joined(&lines[1..])).0, "transfer.not_an_export");
    for first in ["", "{}", "PK\u{3}\u{4}", "{\"begin\":{\"format\":\"another\",\"version\":1}}"] {
        let mut other = lines.clone();
        other[0] = first.to_owned();
        assert_eq!(refusal(&joined(&other)).0, "transfer.not_an_export", "{first}");
    }
    let mut late = lines.clone();
    let event = late.remove(1);
    late.insert(late.len() - 1, event);
    assert_eq!(refusal(&joined(&late)).0, "transfer.line");
}

#[test]
fn a_later_version_is_told_whatever_else_it_says() {
    let mut lines = lines();
    lines[0] = r#"{"begin":{"format":"misp-onboarding export","version":2,"new":[1,2]}}"#.to_owned();
    match refusal(&joined(&lines)).1 {
        TransferError::UnknownVersion { supported: 1, found: 2 } => {}
        other => panic!("an unknown version, found {other}"),
    }
}

/// A line that never ends, and how much of it was read.
struct Endless {
    begin: Vec<u8>,
    read: usize,
}

impl std::io::Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let begin = self.begin.len().min(buffer.len());
        if begin > 0 {
            buffer[..begin].copy_from_slice(&self.begin.drain(..begin).collect::<Vec<_>>());
            return Ok(begin);
        }
        buffer.fill(b'x');
        self.read += buffer.len();
        Ok(buffer.len())
    }
}

#[test]
fn a_line_that_never_ends_is_given_up() {
    let mut begin = lines()[0].clone().into_bytes();
    begin.push(b'\n');
    for begin in [Vec::new(), begin] {
        let mut endless = std::io::BufReader::new(Endless { begin, read: 0 });
        let error = transfer::verify(&mut endless).unwrap_err();
        assert_eq!(error.code(), "transfer.line_too_long");
        assert!(endless.get_ref().read <= MAX_LINE_BYTES + (1 << 16));
    }
}

#[test]
fn an_error_tells_nothing_of_what_stands_in_the_file() {
    let lines = lines();
    let number = place(&lines, "{\"record\":{\"partner\"");
    let mut wrong = lines.clone();
    // A partner's address in the place of its state: a reader that quotes what it found would tell it.
    wrong[number] = wrong[number].replace("\"state\":\"active\"", "\"state\":\"7 Secret Lane\"");
    assert_ne!(wrong[number], lines[number]);
    let (code, error) = refusal(&joined(&wrong));
    assert_eq!(code, "transfer.line");
    assert!(!format!("{error} {error:?}").contains("Secret"), "{error:?}");
}

#[test]
fn records_are_checked_like_any_input() {
    let lines = lines();
    for (start, from, to) in [
        ("{\"record\":{\"partner\"", "@example.org", "@@example.org"),
        ("{\"record\":{\"policy\"", "allowAuthRequestDelegation", "allowNothing"),
        ("{\"record\":{\"license_key\"", "\"digest\":\"", "\"digest\":\"0"),
        ("{\"record\":{\"ca_certificate\"", "\"fingerprint\":\"", "\"fingerprint\":\"00"),
    ] {
        let number = place(&lines, start);
        let mut wrong = lines.clone();
        wrong[number] = wrong[number].replacen(from, to, 1);
        assert_ne!(wrong[number], lines[number], "{start}");
        assert_eq!(refusal(&joined(&wrong)).0, "transfer.line", "{start}");
    }
    // The certificate of one record under the fingerprint of another.
    let cas: Vec<usize> = (0..lines.len())
        .filter(|number| lines[*number].starts_with("{\"record\":{\"ca_certificate\""))
        .collect();
    let fingerprint = |line: &str| line.split("\"fingerprint\":\"").nth(1).unwrap()[..64].to_owned();
    let mut wrong = lines.clone();
    let (one, other) = (fingerprint(&lines[cas[0]]), fingerprint(&lines[cas[1]]));
    wrong[cas[0]] = wrong[cas[0]].replace(&one, &other);
    let (code, error) = refusal(&joined(&wrong));
    assert_eq!(code, "transfer.line");
    assert!(error.to_string().contains("fingerprint"), "{error}");
}

#[test]
fn what_names_a_record_that_is_not_there_is_refused_whole() {
    let lines = lines();
    let key = place(&lines, "{\"record\":{\"license_key\"");
    let group = |line: &String| line.starts_with("{\"record\"") && line.contains("\"group of gone\"");
    for without in [
        place(&lines, "{\"record\":{\"partner\""),
        lines.iter().position(group).unwrap(),
        // The first key was replaced by the next.
        key + 1,
    ] {
        let mut fewer = lines.clone();
        fewer.remove(without);
        fewer.pop();
        let store = MemoryStore::new();
        let error = transfer::import(&store, &completed(&joined(&fewer))[..], |_| {}).unwrap_err();
        assert_eq!(error.code(), "store.missing_reference", "without line {without}");
        let gone: PartnerId = "gone".parse().unwrap();
        assert_eq!(store.partner(&gone).unwrap(), None, "nothing of the commit is there");
    }
}

#[test]
fn something_unique_that_is_taken_is_refused() {
    let lines = lines();
    let number = place(&lines, "{\"record\":{\"partner\"");
    let mut taken = lines.clone();
    taken[number] = taken[number].replace("Bänk@example.org", "GONE@example.org");
    assert_ne!(taken[number], lines[number]);
    taken.pop();
    let error = transfer::import(&MemoryStore::new(), &completed(&joined(&taken))[..], |_| {}).unwrap_err();
    assert_eq!(error.code(), "store.duplicate");
    assert_eq!(error.to_string(), "partner_email must be unique, found a second one");
}
