//! A DER writer that writes whatever it is told, right or wrong: a test PKI must be able to make every mistake.

/// One value: the identifier octet, the length, the content.
pub fn value(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut der = vec![tag];
    if content.len() < 0x80 {
        der.push(content.len() as u8);
    } else {
        let length = content.len().to_be_bytes();
        let leading_zeros = length.iter().take_while(|byte| **byte == 0).count();
        der.push(0x80 | (length.len() - leading_zeros) as u8);
        der.extend_from_slice(&length[leading_zeros..]);
    }
    der.extend_from_slice(content);
    der
}

/// SEQUENCE of `values`.
pub fn sequence<V: AsRef<[u8]>>(values: &[V]) -> Vec<u8> {
    value(0x30, &joined(values))
}

/// SET of `values`, in the given order (DER wants them sorted).
pub fn set<V: AsRef<[u8]>>(values: &[V]) -> Vec<u8> {
    value(0x31, &joined(values))
}

/// The constructed context-specific value `[number]` around `content`.
pub fn context(number: u8, content: &[u8]) -> Vec<u8> {
    value(0xa0 | number, content)
}

/// The primitive context-specific value `[number]` with `content`.
pub fn context_primitive(number: u8, content: &[u8]) -> Vec<u8> {
    value(0x80 | number, content)
}

/// BOOLEAN.
pub fn boolean(truth: bool) -> Vec<u8> {
    value(0x01, &[if truth { 0xff } else { 0x00 }])
}

/// INTEGER.
pub fn integer(number: i64) -> Vec<u8> {
    let bytes = number.to_be_bytes();
    // A leading octet that only repeats the sign of the next is left out.
    let redundant =
        bytes.windows(2).take_while(|pair| matches!(pair, [0x00, 0x00..=0x7f] | [0xff, 0x80..=0xff])).count();
    value(0x02, &bytes[redundant..])
}

/// INTEGER of an unsigned big-endian number.
pub fn unsigned_integer(bytes: &[u8]) -> Vec<u8> {
    let significant = &bytes[bytes.iter().take_while(|byte| **byte == 0).count()..];
    if significant.first().is_none_or(|first| *first >= 0x80) {
        value(0x02, &[&[0], significant].concat())
    } else {
        value(0x02, significant)
    }
}

/// BIT STRING of whole octets.
pub fn bit_string(bytes: &[u8]) -> Vec<u8> {
    value(0x03, &[&[0], bytes].concat())
}

/// BIT STRING with these of its bits set and no bit after the last of them, as DER wants named bits.
pub fn named_bits(bits: &[u8]) -> Vec<u8> {
    let Some(last) = bits.iter().max() else { return value(0x03, &[0]) };
    let mut bytes = vec![0_u8; usize::from(last / 8) + 1];
    for bit in bits {
        bytes[usize::from(bit / 8)] |= 0x80 >> (bit % 8);
    }
    value(0x03, &[&[7 - last % 8][..], &bytes].concat())
}

/// OCTET STRING.
pub fn octet_string(bytes: &[u8]) -> Vec<u8> {
    value(0x04, bytes)
}

/// NULL.
pub fn null() -> Vec<u8> {
    value(0x05, &[])
}

/// OBJECT IDENTIFIER from its dotted form.
///
/// # Panics
///
/// Where `dotted` is not at least two numbers.
pub fn oid(dotted: &str) -> Vec<u8> {
    let arcs: Vec<u64> = dotted
        .split('.')
        .map(|arc| arc.parse().unwrap_or_else(|_| panic!("{dotted} is no object identifier")))
        .collect();
    let [first, second, rest @ ..] = &arcs[..] else { panic!("{dotted} is no object identifier") };
    let mut content = Vec::new();
    for arc in std::iter::once(&(first * 40 + second)).chain(rest) {
        let groups = (1..10).find(|groups| arc >> (7 * groups) == 0).unwrap_or(10);
        content.extend((0..groups).rev().map(|group| {
            let more = if group > 0 { 0x80 } else { 0 };
            (arc >> (7 * group)) as u8 & 0x7f | more
        }));
    }
    value(0x06, &content)
}

fn joined<V: AsRef<[u8]>>(values: &[V]) -> Vec<u8> {
    values.iter().flat_map(|value| value.as_ref()).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_x690_has_them() {
        assert_eq!(value(0x04, &[7; 0x7f])[..2], [0x04, 0x7f]);
        assert_eq!(value(0x04, &[7; 0x80])[..3], [0x04, 0x81, 0x80]);
        assert_eq!(value(0x04, &[7; 0x100])[..4], [0x04, 0x82, 0x01, 0x00]);
        for (number, content) in [
            (0, vec![0]),
            (127, vec![0x7f]),
            (128, vec![0, 0x80]),
            (-1, vec![0xff]),
            (-128, vec![0x80]),
            (-129, vec![0xff, 0x7f]),
            (i64::MAX, i64::MAX.to_be_bytes().to_vec()),
        ] {
            assert_eq!(integer(number), value(0x02, &content), "{number}");
        }
        assert_eq!(unsigned_integer(&[0, 0, 0x80]), [0x02, 0x02, 0x00, 0x80]);
        assert_eq!(unsigned_integer(&[]), [0x02, 0x01, 0x00]);
        assert_eq!(oid("1.2.840.113549.1.1.11"), [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11]);
        assert_eq!(oid("2.999.18446744073709551615").len(), 2 + 2 + 10);
        assert_eq!(named_bits(&[0]), [3, 2, 7, 0x80]);
        assert_eq!(named_bits(&[5, 6]), [3, 2, 1, 0x06]);
        assert_eq!(named_bits(&[8]), [3, 3, 7, 0x00, 0x80]);
        assert_eq!(named_bits(&[]), [3, 1, 0]);
    }
}
