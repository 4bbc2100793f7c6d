//! What is typed into fields: good texts, some of which count as the same, and bad ones.

use std::fmt;

use proptest::prelude::*;
use proptest::sample::select;

/// A text and which of the texts of its field it counts as; none where the field must refuse it.
#[derive(Clone, Copy)]
pub(super) struct Text {
    pub(super) raw: &'static str,
    pub(super) class: Option<u8>,
}

impl Text {
    pub(super) fn is_bad(self) -> bool {
        self.class.is_none()
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: String = self.raw.chars().take(24).collect();
        write!(f, "{shown:?}")?;
        if self.is_bad() { f.write_str(" (bad)") } else { Ok(()) }
    }
}

/// The texts of a field.
pub(super) struct Field {
    good: &'static [Text],
    bad: &'static [&'static str],
}

impl Field {
    /// A text of the field, mostly a good one.
    pub(super) fn texts(&'static self) -> BoxedStrategy<Text> {
        let bad = select(self.bad).prop_map(|raw| Text { raw, class: None });
        prop_oneof![14 => select(self.good), 1 => bad].boxed()
    }

    /// The first good text.
    pub(super) fn first(&self) -> Text {
        self.good[0]
    }
}

const fn of(class: u8, raw: &'static str) -> Text {
    Text { raw, class: Some(class) }
}

/// Too long for every field.
const LONG: &str = match std::str::from_utf8(&[b'x'; 2_001]) {
    Ok(text) => text,
    Err(_) => panic!("x is ASCII"),
};

pub(super) static PARTNER_ID: Field = Field {
    good: &[
        of(0, "bank"),
        of(0, "BANK"),
        of(1, "Ünion"),
        of(1, "u\u{308}nion"),
        of(2, "telco.1"),
        of(3, "a-b_c"),
        of(4, "বাংলা"),
    ],
    bad: &["", "1st", "a b", "x\u{0}", LONG],
};

/// Partner certificates name the first two.
pub(super) static ORGANIZATION: Field = Field {
    good: &[of(0, "Example Bank"), of(0, " Example Bank  "), of(1, "Other Telecom"), of(2, "EXAMPLE BANK")],
    bad: &["", " ", "a\u{7}b", LONG],
};

pub(super) static EMAIL: Field = Field {
    good: &[
        of(0, "a@example.org"),
        of(0, "A@Example.ORG"),
        of(1, "b@example.org"),
        of(2, "c@example.org"),
        of(3, "d@example.org"),
        of(4, "e@example.org"),
    ],
    bad: &["", "nobody", "a@b@c.org", LONG],
};

pub(super) static ADDRESS: Field =
    Field { good: &[of(0, "1 Harbor Street"), of(1, "2 Hill Road"), of(2, "7")], bad: &["", LONG] };

pub(super) static CONTACT_NUMBER: Field =
    Field { good: &[of(0, "+1 (555) 0100"), of(1, "7")], bad: &["", "call me", "( )", "12345678901234567"] };

pub(super) static LANGUAGE: Field =
    Field { good: &[of(0, "eng"), of(1, "fra"), of(2, "ara")], bad: &["deu", "ENG", "english", ""] };

pub(super) static GROUP_NAME: Field = Field {
    good: &[
        of(0, "Banks"),
        of(0, "BANKS "),
        of(1, "Telecoms & %_*"),
        of(2, "Straße"),
        of(2, "STRASSE"),
        of(3, "Ωmega"),
    ],
    bad: &["", "\u{200e}", LONG],
};

pub(super) static POLICY_NAME: Field = Field {
    good: &[of(0, "Sign-in"), of(0, "sign-IN"), of(1, "e-KYC 100%"), of(2, "İstanbul"), of(3, "z\\_z")],
    bad: &["", "a\nb", LONG],
};

pub(super) static DESCRIPTION: Field =
    Field { good: &[of(0, "for tests"), of(1, "for customers")], bad: &["", LONG] };

pub(super) static KEY_NAME: Field = Field {
    good: &[
        of(0, "production"),
        of(0, "Production"),
        of(1, "pro duction"),
        of(1, " pro\n duction"),
        of(2, "test_1"),
        of(3, "tést"),
        of(3, "TE\u{301}ST"),
        of(4, "100%"),
    ],
    bad: &["", "  ", "a\u{202e}b", LONG],
};

pub(super) static COMMENT: Field =
    Field { good: &[of(0, "for customers"), of(1, "naïve?")], bad: &["", "a\u{0}", LONG] };

/// A policy document and what it allows, in the order of the definition; none where it must be refused.
#[derive(Clone, Copy, Debug)]
pub(super) struct Document {
    pub(super) raw: &'static str,
    pub(super) allows: Option<[bool; 4]>,
}

const fn document(raw: &'static str, allows: [bool; 4]) -> Document {
    Document { raw, allows: Some(allows) }
}

const fn refused(raw: &'static str) -> Document {
    Document { raw, allows: None }
}

const GOOD_DOCUMENTS: &[Document] = &[
    document(
        r#"{"allowAuthRequestDelegation":true,"allowKycRequestDelegation":false}"#,
        [true, false, false, false],
    ),
    document(
        r#"{"allowAuthRequestDelegation":false,"allowKycRequestDelegation":true,"other":[1,{"a":"b"}]}"#,
        [false, true, false, false],
    ),
    document(
        r#" {"trustBindedAuthVerificationToken": true, "allowKeyBindingDelegation": true,
            "allowAuthRequestDelegation": true, "allowKycRequestDelegation": true}"#,
        [true; 4],
    ),
];

const BAD_DOCUMENTS: &[Document] = &[
    refused(""),
    refused("[]"),
    refused(r#"{"allowAuthRequestDelegation":true}"#),
    refused(r#"{"allowAuthRequestDelegation":1,"allowKycRequestDelegation":false}"#),
    refused(
        r#"{"allowAuthRequestDelegation":true,"allowAuthRequestDelegation":true,"allowKycRequestDelegation":true}"#,
    ),
];

pub(super) fn documents() -> impl Strategy<Value = Document> {
    prop_oneof![12 => select(GOOD_DOCUMENTS), 1 => select(BAD_DOCUMENTS)]
}

pub(super) const FIRST_DOCUMENT: Document = GOOD_DOCUMENTS[0];
