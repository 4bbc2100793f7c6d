//! PEM text: finding its blocks the way files really look, and writing it the way RFC 7468 wants it.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
const DASHES: &[u8] = b"-----";

/// Longest label taken for one; the longest in use is `ENCRYPTED PRIVATE KEY`, and errors repeat it.
const MAX_LABEL_LENGTH: usize = 64;

/// Characters of base64 in one line that is written (RFC 7468 section 2).
const LINE_WIDTH: usize = 64;

/// Writes `der` as one PEM block under `label` (such as `CERTIFICATE`): lines of 64 characters, the last one
/// ended too, so that blocks can be joined.
///
/// ```
/// let text = misp_onboarding::certificate::pem::encode("CERTIFICATE", &[0x30, 0x00]);
/// assert_eq!(text, "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n");
/// ```
pub fn encode(label: &str, der: &[u8]) -> String {
    let base64 = STANDARD.encode(der);
    let mut text = format!("-----BEGIN {label}-----\n");
    let mut rest = base64.as_str();
    while !rest.is_empty() {
        // Base64 is ASCII, so every index is a character boundary.
        let (line, after) = rest.split_at(rest.len().min(LINE_WIDTH));
        text.push_str(line);
        text.push('\n');
        rest = after;
    }
    text.push_str(&format!("-----END {label}-----\n"));
    text
}

/// One block of a PEM text, or what is left of one.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Block<'a> {
    /// `body` stands between a BEGIN and an END of the same label.
    Complete { label: &'a str, line: usize, body: &'a [u8] },
    /// A BEGIN that no END follows before the next BEGIN or the end of the text.
    WithoutEnd { label: &'a str, line: usize },
    /// An END that no BEGIN precedes.
    WithoutBegin { label: &'a str, line: usize },
    /// A BEGIN and an END of different labels.
    TwoLabels { label: &'a str, line: usize, end: &'a str },
}

/// The blocks of `text` in order, in one pass over it. Whatever stands between them is ignored; markers need
/// not stand on a line of their own, for files are joined without a line break and pasted into one line.
pub(super) fn blocks(text: &[u8]) -> impl Iterator<Item = Block<'_>> {
    let mut markers = Markers { text, position: 0 }.peekable();
    let mut lines = Lines { text, line: 1, counted_to: 0 };
    std::iter::from_fn(move || {
        let Marker { begin, label, start, end: body_start } = markers.next()?;
        let line = lines.of(start);
        if !begin {
            return Some(Block::WithoutBegin { label, line });
        }
        let Some(closing) = markers.next_if(|next| !next.begin) else {
            return Some(Block::WithoutEnd { label, line });
        };
        if closing.label != label {
            return Some(Block::TwoLabels { label, line, end: closing.label });
        }
        let body = text.get(body_start..closing.start).unwrap_or_default();
        Some(Block::Complete { label, line, body })
    })
}

/// Numbers of lines, counted from 1, asked for in the order of the text.
struct Lines<'a> {
    text: &'a [u8],
    line: usize,
    counted_to: usize,
}

impl Lines<'_> {
    fn of(&mut self, position: usize) -> usize {
        self.line += line_breaks(self.text.get(self.counted_to..position).unwrap_or_default());
        self.counted_to = position;
        self.line
    }
}

/// A `-----BEGIN label-----` or `-----END label-----`.
struct Marker<'a> {
    begin: bool,
    label: &'a str,
    /// Where its first dash stands.
    start: usize,
    /// Where the text goes on after its last dash.
    end: usize,
}

struct Markers<'a> {
    text: &'a [u8],
    position: usize,
}

impl<'a> Iterator for Markers<'a> {
    type Item = Marker<'a>;

    fn next(&mut self) -> Option<Marker<'a>> {
        loop {
            let rest = self.text.get(self.position..).unwrap_or_default();
            let start = self.position + first_dash(rest)?;
            let rest = self.text.get(start..).unwrap_or_default();
            let (begin, after) = match (rest.strip_prefix(BEGIN), rest.strip_prefix(END)) {
                (Some(after), _) => (true, after),
                (None, Some(after)) => (false, after),
                (None, None) => {
                    self.position = start + 1;
                    continue;
                }
            };
            let prefix = rest.len() - after.len();
            let Some(label) = label(after) else {
                self.position = start + prefix;
                continue;
            };
            self.position = start + prefix + label.len() + DASHES.len();
            return Some(Marker { begin, label: label.trim(), start, end: self.position });
        }
    }
}

/// Where the first dash stands. Base64 has none, so whole chunks are passed over first.
fn first_dash(text: &[u8]) -> Option<usize> {
    let (chunks, _) = text.as_chunks::<32>();
    let has_dash = |chunk: &[u8; 32]| {
        work::add(chunk.len());
        chunk.iter().fold(false, |found, byte| found | (*byte == b'-'))
    };
    let start = chunks.iter().take_while(|chunk| !has_dash(chunk)).count() * 32;
    let rest = text.get(start..).unwrap_or_default();
    let place = rest.iter().position(|byte| *byte == b'-');
    work::add(place.unwrap_or(rest.len()));
    place.map(|place| start + place)
}

/// The label at the start of `text`, if closing dashes follow it. Only characters that labels are made of, so
/// that an error may repeat it.
fn label(text: &[u8]) -> Option<&str> {
    let length = text
        .iter()
        .take(MAX_LABEL_LENGTH + 1)
        .position(|byte| !byte.is_ascii_alphanumeric() && !b" #./_".contains(byte));
    work::add(length.unwrap_or(MAX_LABEL_LENGTH));
    let length = length?;
    let (label, after) = text.split_at_checked(length)?;
    after.starts_with(DASHES).then(|| std::str::from_utf8(label).ok()).flatten()
}

/// How many lines end in `text`; `\n`, `\r\n` and a lone `\r` each end one.
fn line_breaks(text: &[u8]) -> usize {
    work::add(text.len());
    let mut previous = 0;
    let mut count = 0;
    for &byte in text {
        count += usize::from(byte == b'\r' || (byte == b'\n' && previous != b'\r'));
        previous = byte;
    }
    count
}

/// Why a text is not base64.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NotBase64 {
    /// A character of no base64 alphabet stands in this line, counted from 0.
    OtherCharacter { line: usize },
    /// So many characters, white space not counted, do not make whole bytes.
    Incomplete { characters: usize },
}

/// Decodes base64 of either alphabet (RFC 4648 sections 4 and 5), padded or not, with white space anywhere.
pub(super) fn decode_base64(text: &[u8]) -> Result<Vec<u8>, NotBase64> {
    const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);

    let mut characters = Vec::with_capacity(text.len());
    join_lines(text, &mut characters);
    // Nearly always there is nothing but base64 in the lines. Only otherwise is each character looked at.
    if let Ok(bytes) = STANDARD.decode(&characters) {
        return Ok(bytes);
    }
    work::add(text.len());
    characters.clear();
    for (index, &byte) in text.iter().enumerate() {
        match byte {
            b'-' => characters.push(b'+'),
            b'_' => characters.push(b'/'),
            b'+' | b'/' | b'=' => characters.push(byte),
            _ if byte.is_ascii_alphanumeric() => characters.push(byte),
            _ if byte.is_ascii_whitespace() => {}
            _ => {
                let line = line_breaks(text.get(..index).unwrap_or_default());
                return Err(NotBase64::OtherCharacter { line });
            }
        }
    }
    STANDARD.decode(&characters).map_err(|_| NotBase64::Incomplete { characters: characters.len() })
}

/// Appends the lines of `text` without their ends, `\n` or `\r\n`.
fn join_lines(text: &[u8], out: &mut Vec<u8>) {
    let mut rest = text;
    let mut width = 0;
    while !rest.is_empty() {
        // A line is likely as wide as the one before. A shorter one is then taken together with its end, which
        // is no base64.
        if rest.get(width) != Some(&b'\n') {
            width = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
            work::add(width);
        }
        work::add(width);
        let (line, after) = rest.split_at(width);
        out.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
        rest = after.get(1..).unwrap_or_default();
    }
}

/// Bytes looked at, counted where a byte could be looked at again and again. In tests only: one of them bounds their
/// number.
pub(super) mod work {
    #[cfg(test)]
    thread_local! {
        static LEFT: std::cell::Cell<usize> = const { std::cell::Cell::new(usize::MAX) };
    }

    #[cfg(not(test))]
    pub(super) const fn add(_: usize) {}

    /// # Panics
    ///
    /// Where this thread may not look at so many, at once and not only after all the work, which may take minutes.
    #[cfg(test)]
    pub(super) fn add(bytes: usize) {
        assert!(bytes <= LEFT.get(), "more bytes are looked at than are allowed");
        LEFT.set(LEFT.get() - bytes);
    }

    /// What `job` gives, and how many bytes of the allowed number it looked at.
    #[cfg(test)]
    pub(in crate::certificate) fn bounded<T>(allowed: usize, job: impl FnOnce() -> T) -> (T, usize) {
        LEFT.set(allowed);
        let result = job();
        (result, allowed - LEFT.replace(usize::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_are_found_wherever_they_stand() {
        fn complete<'a>(label: &'a str, line: usize, body: &'a str) -> Block<'a> {
            Block::Complete { label, line, body: body.as_bytes() }
        }
        let cases: &[(&str, &str, Vec<Block<'_>>)] = &[
            ("no marker", "plain - text -- with ----- dashes", vec![]),
            ("own lines", "x\n-----BEGIN A-----\nAA\n-----END A-----", vec![complete("A", 2, "\nAA\n")]),
            ("one line", "-----BEGIN A-----AA-----END A-----", vec![complete("A", 1, "AA")]),
            (
                "joined without a line break",
                "-----BEGIN A-----\r\n-----END A----------BEGIN B C-----\r-----END B C-----",
                vec![complete("A", 1, "\r\n"), complete("B C", 2, "\r")],
            ),
            (
                "no END, then a whole block",
                "-----BEGIN A-----\nAA\n-----BEGIN B-----\n-----END B-----",
                vec![Block::WithoutEnd { label: "A", line: 1 }, complete("B", 3, "\n")],
            ),
            ("END alone", "\n\n-----END A-----", vec![Block::WithoutBegin { label: "A", line: 3 }]),
            (
                "two labels",
                "-----BEGIN A-----\n-----END B-----",
                vec![Block::TwoLabels { label: "A", line: 1, end: "B" }],
            ),
            ("four dashes at the end", "-----BEGIN A----\n", vec![]),
            ("a line break in the label", "-----BEGIN A\nB-----\n", vec![]),
            // A whole chunk of what is looked at in chunks.
            (
                "32 dashes before",
                "--------------------------------BEGIN A-----",
                vec![Block::WithoutEnd { label: "A", line: 1 }],
            ),
            ("extra dashes before", "-------BEGIN A-----", vec![Block::WithoutEnd { label: "A", line: 1 }]),
        ];
        for (name, text, want) in cases {
            assert_eq!(&blocks(text.as_bytes()).collect::<Vec<_>>(), want, "{name}");
        }
    }

    #[test]
    fn a_label_is_bounded() {
        let longest = "A".repeat(MAX_LABEL_LENGTH);
        assert_eq!(blocks(format!("-----BEGIN {longest}-----").as_bytes()).count(), 1);
        assert_eq!(blocks(format!("-----BEGIN {longest}A-----").as_bytes()).count(), 0);
    }

    #[test]
    fn base64_of_either_alphabet_with_white_space() {
        for (name, text, want) in [
            ("standard", "+/8=", Ok(vec![0xfb, 0xff])),
            ("url-safe without padding", "-_8", Ok(vec![0xfb, 0xff])),
            ("white space everywhere", " A\tA \r\nE C\x0c\n\n", Ok(vec![0, 1, 2])),
            ("bits left over", "AB==", Ok(vec![0])),
            ("nothing", " \n", Ok(vec![])),
            ("another character", "AA\nA\r\nA*", Err(NotBase64::OtherCharacter { line: 2 })),
            ("one character left over", "AAAA A", Err(NotBase64::Incomplete { characters: 5 })),
            ("padding in the middle", "AA==AA==", Err(NotBase64::Incomplete { characters: 8 })),
        ] {
            assert_eq!(decode_base64(text.as_bytes()), want, "{name}");
        }
    }
}
