//! The commands.

use std::fmt;

use super::certificates::LeafFile;
use super::lists::Listing;
use super::text::{Document, Text};

/// A sequence of commands, and the configuration of the engines.
#[derive(Clone, Debug)]
pub(super) struct Play {
    pub(super) approver_must_differ: bool,
    pub(super) steps: Vec<(Who, Command)>,
}

impl fmt::Display for Play {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "approver must differ: {}", self.approver_must_differ)?;
        self.steps
            .iter()
            .enumerate()
            .try_for_each(|(number, (who, command))| writeln!(f, "{number:>3} {who:?} {command:?}"))
    }
}

/// Who gives a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// Has both roles.
    Rose,
    /// Is a Partner Admin.
    Ana,
    /// Is a Policy Manager.
    Max,
    /// Has no role.
    Nobody,
}

/// Which of the records made so far: the one with this number, counted around.
#[derive(Clone, Copy)]
pub(super) struct Pick(pub(super) u8);

impl fmt::Debug for Pick {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == Self::UNKNOWN.0 { f.write_str("#none") } else { write!(f, "#{}", self.0) }
    }
}

impl Pick {
    /// One that is in no store.
    pub(super) const UNKNOWN: Self = Self(u8::MAX);
    /// The first one.
    pub(super) const FIRST: Self = Self(0);

    /// Its place among `count` records; none for a record that is in no store.
    pub(super) fn among(self, count: usize) -> Option<usize> {
        (self.0 != Self::UNKNOWN.0 && count > 0).then(|| usize::from(self.0) % count)
    }
}

/// What of a draft is edited.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edit {
    pub(super) name: Option<Text>,
    pub(super) description: Option<Text>,
    pub(super) document: Option<Document>,
    pub(super) days: Option<Option<i64>>,
}

/// How long a key is to be good.
#[derive(Clone, Copy, Debug)]
pub(super) enum Length {
    Default,
    Days(u64),
    /// Until so many microseconds from now.
    Micros(i64),
}

/// A key that is imported.
#[derive(Clone, Copy, Debug)]
pub(super) struct Imported {
    /// Which of the keys that were in use before.
    pub(super) number: u8,
    pub(super) partner: Pick,
    pub(super) policy: Option<Pick>,
    pub(super) name: Text,
    pub(super) days: i64,
}

/// Text presented as a key that was never made.
#[derive(Clone, Copy, Debug)]
pub(super) enum Presented {
    /// A key of the right form.
    Unknown,
    /// A key with one character changed.
    Mistyped(Pick),
    /// A key without its last character.
    Cut(Pick),
    Text(&'static str),
}

/// An instant that something depends on.
#[derive(Clone, Copy, Debug)]
pub(super) enum End {
    Key(Pick),
    Overlap(Pick),
    Policy(Pick),
    Leaf(usize),
    Authority(usize),
}

#[derive(Clone, Debug)]
pub(super) enum Command {
    /// The clock moves by so many days, seldom back.
    Days(i64),
    /// The clock moves to an instant, or to a microsecond beside it, unless it is past.
    To(End, i64),
    UploadCas(&'static str, usize),
    DistrustCa(Pick, Text),
    CaChain(Pick),
    CreatePartner {
        id: Text,
        organization: Text,
        address: Text,
        contact_number: Text,
        email: Text,
        language: Option<Text>,
        group: Option<Pick>,
    },
    UpdatePartner {
        partner: Pick,
        address: Option<Text>,
        contact_number: Option<Text>,
        email: Option<Text>,
        language: Option<Text>,
    },
    SelectGroup(Pick, Pick),
    DeactivatePartner(Pick),
    InspectCertificate(Pick, LeafFile),
    UploadCertificate(Pick, LeafFile),
    CreateGroup(Text, Text),
    DeactivateGroup(Pick),
    CreatePolicy {
        group: Pick,
        name: Text,
        description: Text,
        document: Document,
        days: Option<i64>,
    },
    EditPolicy(Pick, Edit),
    PublishPolicy(Pick),
    DeactivatePolicy(Pick),
    RequestPolicy(Pick, Pick, Text),
    ApproveLink(Pick, Option<Text>),
    RejectLink(Pick, Option<Text>),
    Generate {
        partner: Pick,
        policy: Option<Pick>,
        name: Text,
        length: Length,
    },
    Regenerate {
        key: Pick,
        name: Option<Text>,
        length: Length,
        overlap_days: u64,
    },
    DeactivateKey(Pick),
    Import(Vec<Imported>),
    Authenticate(Presented),
    LookUp(Pick),
    List(Listing),
}
