//! Text that lies in its record while it is short.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

use arrayvec::ArrayString;

/// The most bytes that lie in place: every partner id in ASCII, and most names of organizations.
const IN_PLACE: usize = 40;

/// Text that is read for every verdict on a license key. Up to [`IN_PLACE`] bytes lie in the record itself, so that
/// reading them takes no second trip to memory and copying them counts no references; longer text is shared.
#[derive(Clone)]
pub(crate) enum ShortText {
    InPlace(ArrayString<IN_PLACE>),
    Shared(Arc<str>),
}

impl ShortText {
    pub(crate) fn new(text: impl AsRef<str>) -> Self {
        let text = text.as_ref();
        ArrayString::from(text).map_or_else(|_| Self::Shared(text.into()), Self::InPlace)
    }
}

impl From<String> for ShortText {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl Deref for ShortText {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::InPlace(text) => text,
            Self::Shared(text) => text,
        }
    }
}

impl PartialEq for ShortText {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for ShortText {}

impl Hash for ShortText {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl PartialOrd for ShortText {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ShortText {
    fn cmp(&self, other: &Self) -> Ordering {
        (**self).cmp(&**other)
    }
}

#[cfg(test)]
mod tests {
    use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

    use super::*;

    fn in_place(text: &ShortText) -> bool {
        matches!(text, ShortText::InPlace(_))
    }

    #[test]
    fn forty_bytes_lie_in_place_and_one_more_is_shared() {
        for (text, want) in [
            (String::new(), true),
            ("a".repeat(40), true),
            ("a".repeat(41), false),
            // Bytes count, not characters.
            ("é".repeat(20), true),
            (format!("a{}", "é".repeat(20)), false),
        ] {
            let short = ShortText::from(text.clone());
            assert_eq!((in_place(&short), &*short), (want, text.as_str()));
            assert_eq!(&*short.clone(), text);
        }
    }

    #[test]
    fn longer_text_is_shared_by_its_copies() {
        let text = ShortText::new("a".repeat(41));
        assert_eq!(text.as_ptr(), text.clone().as_ptr());
    }

    #[test]
    fn it_compares_and_hashes_as_the_text_it_holds() {
        let texts = ["", "a", "b", &"a".repeat(40), &"a".repeat(41), &"b".repeat(41)];
        let hasher = BuildHasherDefault::<DefaultHasher>::default();
        for one in texts {
            let short = ShortText::new(one);
            assert_eq!(hasher.hash_one(&short), hasher.hash_one(one), "{one}");
            for other in texts {
                let (other, text) = (ShortText::new(other), other);
                assert_eq!(short == other, one == text, "{one} {text}");
                assert_eq!(short.cmp(&other), one.cmp(text), "{one} {text}");
                assert_eq!(short.partial_cmp(&other), Some(one.cmp(text)), "{one} {text}");
            }
        }
    }
}
