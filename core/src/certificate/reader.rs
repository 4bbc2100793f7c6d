//! A reader over DER that gives slices of its input: definite, minimal lengths and one-octet tags only, which is
//! all that X.509 uses.

use super::MalformedCertificate;

/// Tags used in certificates (X.690 section 8.1.2, X.680 section 8.6).
pub(super) mod tag {
    pub(crate) const BOOLEAN: u8 = 0x01;
    pub(crate) const INTEGER: u8 = 0x02;
    pub(crate) const BIT_STRING: u8 = 0x03;
    pub(crate) const OCTET_STRING: u8 = 0x04;
    pub(crate) const OID: u8 = 0x06;
    pub(crate) const UTF8_STRING: u8 = 0x0c;
    pub(crate) const NUMERIC_STRING: u8 = 0x12;
    pub(crate) const PRINTABLE_STRING: u8 = 0x13;
    pub(crate) const TELETEX_STRING: u8 = 0x14;
    pub(crate) const IA5_STRING: u8 = 0x16;
    pub(crate) const UTC_TIME: u8 = 0x17;
    pub(crate) const GENERALIZED_TIME: u8 = 0x18;
    pub(crate) const VISIBLE_STRING: u8 = 0x1a;
    pub(crate) const UNIVERSAL_STRING: u8 = 0x1c;
    pub(crate) const BMP_STRING: u8 = 0x1e;
    pub(crate) const SEQUENCE: u8 = 0x30;
    pub(crate) const SET: u8 = 0x31;

    /// `[number]` IMPLICIT over a primitive type.
    pub(crate) const fn context(number: u8) -> u8 {
        0x80 | number
    }

    /// `[number]` EXPLICIT, or IMPLICIT over a constructed type.
    pub(crate) const fn context_constructed(number: u8) -> u8 {
        0xa0 | number
    }
}

/// One DER element and where in the certificate it lies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Element<'a> {
    pub(super) tag: u8,
    /// The content octets.
    pub(super) content: &'a [u8],
    /// Tag, length and content.
    pub(super) encoded: &'a [u8],
    /// Bytes before the tag, counted from the start of the certificate.
    pub(super) offset: usize,
}

impl<'a> Element<'a> {
    /// A reader over the content octets.
    pub(super) fn reader(&self) -> Reader<'a> {
        Reader { rest: self.content, offset: self.content_offset() }
    }

    /// Bytes before the content octets, counted from the start of the certificate.
    pub(super) fn content_offset(&self) -> usize {
        self.offset + (self.encoded.len() - self.content.len())
    }

    /// An error at this element.
    pub(super) fn malformed(&self, needed: &'static str, found: impl Into<String>) -> MalformedCertificate {
        MalformedCertificate::new(self.offset, needed, found)
    }
}

/// Reads elements one after the other.
#[derive(Clone, Debug)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
    offset: usize,
}

impl<'a> Reader<'a> {
    /// A reader over `input`, which starts `offset` bytes after the start of the certificate.
    pub(super) fn new(input: &'a [u8], offset: usize) -> Self {
        Self { rest: input, offset }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next element, which must have the tag `tag`; `needed` says in an error what it should have been.
    pub(super) fn element(
        &mut self,
        tag: u8,
        needed: &'static str,
    ) -> Result<Element<'a>, MalformedCertificate> {
        match self.rest.first() {
            Some(found) if *found == tag => self.any(needed),
            _ => Err(self.other_tag(needed)),
        }
    }

    /// The next element if it has the tag `tag`.
    pub(super) fn optional(
        &mut self,
        tag: u8,
        needed: &'static str,
    ) -> Result<Option<Element<'a>>, MalformedCertificate> {
        if self.rest.first() == Some(&tag) { self.any(needed).map(Some) } else { Ok(None) }
    }

    /// The next element, whatever its tag.
    #[inline]
    pub(super) fn any(&mut self, needed: &'static str) -> Result<Element<'a>, MalformedCertificate> {
        let Some((tag, header, length)) = self.header() else { return Err(self.unreadable(needed)) };
        let Some((encoded, rest)) = self.rest.split_at_checked(header + length) else {
            return Err(self.too_long(needed, header, length));
        };
        let content = encoded.get(header..).unwrap_or_default();
        let element = Element { tag, content, encoded, offset: self.offset };
        self.rest = rest;
        self.offset += encoded.len();
        Ok(element)
    }

    /// That nothing is left.
    #[inline]
    pub(super) fn finish(&self, needed: &'static str) -> Result<(), MalformedCertificate> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.left_over(needed)) }
    }

    /// Tag, size of tag and length octets, and length of the content, which is less than 16 MiB.
    #[inline]
    fn header(&self) -> Option<(u8, usize, usize)> {
        let (tag, header, length) = match *self.rest {
            [tag, length @ ..=0x7f, ..] => (tag, 2, usize::from(length)),
            [tag, 0x81, length @ 0x80..=0xff, ..] => (tag, 3, usize::from(length)),
            [tag, 0x82, high @ 1..=0xff, low, ..] => (tag, 4, usize::from(u16::from_be_bytes([high, low]))),
            [tag, 0x83, a @ 1..=0xff, b, c, ..] => (tag, 5, u32::from_be_bytes([0, a, b, c]) as usize),
            _ => return None,
        };
        (tag & 0x1f != 0x1f).then_some((tag, header, length))
    }

    // The errors are built apart, so that the way without one stays short.

    #[cold]
    fn unreadable(&self, needed: &'static str) -> MalformedCertificate {
        match *self.rest {
            [] => self.malformed(needed, "the end of the data"),
            [tag, ..] if tag & 0x1f == 0x1f => {
                self.malformed(needed, format!("a tag of several octets (0x{tag:02x})"))
            }
            [_] => self.malformed(needed, "the end of the data after a tag"),
            [_, 0x80, ..] => self.malformed(needed, "an indefinite length, which DER does not allow"),
            // Four length octets would mean 16 MiB and more.
            [_, 0x84..=0xff, ..] => self.malformed(needed, "a length of 16 MiB or more"),
            [_, ..] => self
                .malformed(needed, "a length that is cut off or not in its shortest form, as DER requires"),
        }
    }

    #[cold]
    fn too_long(&self, needed: &'static str, header: usize, length: usize) -> MalformedCertificate {
        let left = self.rest.len().saturating_sub(header);
        self.malformed(needed, format!("a length of {length} bytes where {left} are left"))
    }

    #[cold]
    fn other_tag(&self, needed: &'static str) -> MalformedCertificate {
        match self.rest.first() {
            Some(tag) => self.malformed(needed, format!("an element with tag 0x{tag:02x}")),
            None => self.malformed(needed, "the end of the data"),
        }
    }

    #[cold]
    fn left_over(&self, needed: &'static str) -> MalformedCertificate {
        self.malformed(needed, format!("{} bytes more", self.rest.len()))
    }

    fn malformed(&self, needed: &'static str, found: impl Into<String>) -> MalformedCertificate {
        MalformedCertificate::new(self.offset, needed, found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_definite_minimal_lengths_within_the_data_are_read() {
        let long = [&[0x04, 0x81, 0x80][..], &[7; 0x80]].concat();
        let longer = [&[0x04, 0x82, 0x01, 0x00][..], &[7; 0x100]].concat();
        let longest = [&[0x04, 0x83, 0x01, 0x00, 0x00][..], &[7; 0x1_0000]].concat();
        for (name, input, content) in [
            ("empty", &[0x04, 0x00][..], Ok(0)),
            ("short", &[0x04, 0x01, 7], Ok(1)),
            ("one length octet", &long, Ok(0x80)),
            ("two length octets", &longer, Ok(0x100)),
            ("three length octets", &longest, Ok(0x1_0000)),
            ("nothing", &[], Err("the end of the data")),
            ("a tag alone", &[0x04], Err("the end of the data after a tag")),
            ("content cut off", &[0x04, 0x02, 7], Err("a length of 2 bytes where 1 are left")),
            ("indefinite", &[0x30, 0x80, 0, 0], Err("an indefinite length, which DER does not allow")),
            (
                "padded",
                &[0x04, 0x81, 0x01, 7],
                Err("a length that is cut off or not in its shortest form, as DER requires"),
            ),
            (
                "padded with zero",
                &[0x04, 0x82, 0x00, 0x80],
                Err("a length that is cut off or not in its shortest form, as DER requires"),
            ),
            (
                "length cut off",
                &[0x04, 0x82, 0x01],
                Err("a length that is cut off or not in its shortest form, as DER requires"),
            ),
            ("huge", &[0x04, 0x84, 0xff, 0xff, 0xff, 0xff], Err("a length of 16 MiB or more")),
            ("a tag of zero", &[0x00, 0x00], Ok(0)),
            ("long tag with a length of one octet", &[0xbf, 0x01, 7], Err("a tag of several octets (0xbf)")),
            ("long tag", &[0x1f, 0x81, 0x00, 0x00], Err("a tag of several octets (0x1f)")),
        ] {
            let read = Reader::new(input, 5).any("an element");
            match (read, content) {
                (Ok(element), Ok(length)) => {
                    assert_eq!(element.content.len(), length, "{name}");
                    assert_eq!(element.encoded, input, "{name}");
                    assert_eq!(element.offset, 5, "{name}");
                }
                (Err(error), Err(found)) => {
                    assert_eq!(error.found, found, "{name}");
                    assert_eq!(error.offset, 5, "{name}");
                }
                (read, _) => panic!("{name}: {read:?}"),
            }
        }
    }
}
