//! How random sequences of commands are made.
//!
//! Strategies are boxed: unboxed they would nest into values too large for the stack of a test.

use std::fmt;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::certificates::{CA_FILES, LeafFile, pool};
use super::command::{Command, Edit, End, Imported, Length, Pick, Play, Presented, Who};
use super::lists::Listing;
use super::text::{self, Text};

/// Fewer commands than this follow the beginning of a sequence.
pub(super) const MAX_STEPS: usize = 60;

/// Sequences that mostly begin with what makes a first key possible, as few random ones would get that far.
pub(super) fn plays() -> impl Strategy<Value = Play> {
    let random = vec(step(), 0..MAX_STEPS);
    (prop::bool::weighted(0.4), begin(), random).prop_map(|(approver_must_differ, mut steps, random)| {
        steps.extend(random);
        Play { approver_must_differ, steps }
    })
}

/// What makes a first key possible, or all of it but one step.
pub(super) fn begin() -> impl Strategy<Value = Vec<(Who, Command)>> {
    let usual = usual();
    subsequence(usual.clone(), usual.len() - 1..=usual.len())
}

/// Any command of anybody.
pub(super) fn step() -> BoxedStrategy<(Who, Command)> {
    (who(), command()).boxed()
}

fn usual() -> Vec<(Who, Command)> {
    let first = Pick::FIRST;
    let new_partner = |id: Text, email: Text| Command::CreatePartner {
        id,
        organization: text::ORGANIZATION.first(),
        address: text::ADDRESS.first(),
        contact_number: text::CONTACT_NUMBER.first(),
        email,
        language: None,
        group: Some(first),
    };
    let commands = [
        Command::UploadCas("AUTH", 0),
        Command::CreateGroup(text::GROUP_NAME.first(), text::DESCRIPTION.first()),
        Command::CreatePolicy {
            group: first,
            name: text::POLICY_NAME.first(),
            description: text::DESCRIPTION.first(),
            document: text::FIRST_DOCUMENT,
            days: None,
        },
        Command::PublishPolicy(first),
        new_partner(text::PARTNER_ID.first(), text::EMAIL.first()),
        Command::UploadCertificate(first, LeafFile::One(0)),
        Command::RequestPolicy(first, first, text::COMMENT.first()),
        Command::ApproveLink(first, None),
        Command::Generate {
            partner: first,
            policy: Some(first),
            name: text::KEY_NAME.first(),
            length: Length::Default,
        },
    ];
    // The request is Ana's, so that the approval is somebody else's.
    let who = |command: &Command| match command {
        Command::RequestPolicy(..) => Who::Ana,
        _ => Who::Rose,
    };
    commands.into_iter().map(|command| (who(&command), command)).collect()
}

fn who() -> impl Strategy<Value = Who> {
    prop_oneof![12 => Just(Who::Rose), 4 => Just(Who::Ana), 3 => Just(Who::Max), 1 => Just(Who::Nobody)]
}

pub(super) fn pick() -> impl Strategy<Value = Pick> {
    prop_oneof![40 => (0u8..12).prop_map(Pick), 1 => Just(Pick::UNKNOWN)]
}

fn maybe<T: fmt::Debug>(some: impl Strategy<Value = T>) -> impl Strategy<Value = Option<T>> {
    prop::option::of(some)
}

fn command() -> BoxedStrategy<Command> {
    prop_oneof![
        14 => clock(),
        10 => trust(),
        26 => partners(),
        24 => policies(),
        20 => links(),
        38 => keys(),
        12 => reads(),
    ]
    .boxed()
}

fn clock() -> BoxedStrategy<Command> {
    let end = prop_oneof![
        4 => pick().prop_map(End::Key),
        2 => pick().prop_map(End::Overlap),
        2 => pick().prop_map(End::Policy),
        4 => (0..pool().leaves.len()).prop_map(End::Leaf),
        1 => (0..pool().authorities.len()).prop_map(End::Authority),
    ];
    prop_oneof![
        2 => (-1i64..40).prop_map(Command::Days),
        3 => (end, -1i64..=1).prop_map(|(end, micros)| Command::To(end, micros)),
    ]
    .boxed()
}

fn trust() -> BoxedStrategy<Command> {
    let domain = select(&["AUTH", "AUTH", "AUTH", "auth", "DEVICE", "OTHER"][..]);
    prop_oneof![
        5 => (domain, 0..CA_FILES.len()).prop_map(|(domain, file)| Command::UploadCas(domain, file)),
        1 => (pick(), text::COMMENT.texts()).prop_map(|(ca, reason)| Command::DistrustCa(ca, reason)),
        1 => pick().prop_map(Command::CaChain),
    ]
    .boxed()
}

fn partners() -> BoxedStrategy<Command> {
    let new = (
        text::PARTNER_ID.texts(),
        text::ORGANIZATION.texts(),
        text::ADDRESS.texts(),
        text::CONTACT_NUMBER.texts(),
        text::EMAIL.texts(),
        maybe(text::LANGUAGE.texts()),
        prop::option::weighted(0.3, pick()),
    );
    let create = new.prop_map(|(id, organization, address, contact_number, email, language, group)| {
        Command::CreatePartner { id, organization, address, contact_number, email, language, group }
    });
    let update = (
        pick(),
        maybe(text::ADDRESS.texts()),
        maybe(text::CONTACT_NUMBER.texts()),
        maybe(text::EMAIL.texts()),
        maybe(text::LANGUAGE.texts()),
    );
    let update = update.prop_map(|(partner, address, contact_number, email, language)| {
        Command::UpdatePartner { partner, address, contact_number, email, language }
    });
    prop_oneof![
        6 => create,
        3 => update,
        2 => (pick(), pick()).prop_map(|(partner, group)| Command::SelectGroup(partner, group)),
        1 => pick().prop_map(Command::DeactivatePartner),
        1 => (pick(), leaf_file()).prop_map(|(partner, file)| Command::InspectCertificate(partner, file)),
        9 => (pick(), leaf_file()).prop_map(|(partner, file)| Command::UploadCertificate(partner, file)),
    ]
    .boxed()
}

fn leaf_file() -> impl Strategy<Value = LeafFile> {
    let leaf = 0..pool().leaves.len();
    prop_oneof![
        20 => leaf.clone().prop_map(LeafFile::One),
        1 => (leaf.clone(), leaf).prop_map(|(one, other)| LeafFile::Two(one, other)),
        1 => (0..pool().authorities.len()).prop_map(LeafFile::Authority),
        1 => Just(LeafFile::Garbage),
    ]
}

fn policies() -> BoxedStrategy<Command> {
    let days = || prop_oneof![6 => 1i64..200, 1 => -1i64..=0];
    let new =
        (pick(), text::POLICY_NAME.texts(), text::DESCRIPTION.texts(), text::documents(), maybe(days()));
    let create = new.prop_map(|(group, name, description, document, days)| Command::CreatePolicy {
        group,
        name,
        description,
        document,
        days,
    });
    let edit = (
        maybe(text::POLICY_NAME.texts()),
        maybe(text::DESCRIPTION.texts()),
        maybe(text::documents()),
        maybe(maybe(days())),
    );
    let edit = (pick(), edit).prop_map(|(policy, (name, description, document, days))| {
        Command::EditPolicy(policy, Edit { name, description, document, days })
    });
    let texts = (text::GROUP_NAME.texts(), text::DESCRIPTION.texts());
    prop_oneof![
        5 => texts.prop_map(|(name, description)| Command::CreateGroup(name, description)),
        2 => pick().prop_map(Command::DeactivateGroup),
        6 => create,
        5 => edit,
        3 => pick().prop_map(Command::PublishPolicy),
        2 => pick().prop_map(Command::DeactivatePolicy),
    ]
    .boxed()
}

fn links() -> BoxedStrategy<Command> {
    let comment = || maybe(text::COMMENT.texts());
    let request = (pick(), pick(), text::COMMENT.texts());
    prop_oneof![
        3 => request.prop_map(|(partner, policy, text)| Command::RequestPolicy(partner, policy, text)),
        3 => (pick(), comment()).prop_map(|(link, comment)| Command::ApproveLink(link, comment)),
        2 => (pick(), comment()).prop_map(|(link, comment)| Command::RejectLink(link, comment)),
    ]
    .boxed()
}

fn length() -> impl Strategy<Value = Length> {
    prop_oneof![
        4 => Just(Length::Default),
        3 => select(&[1u64, 2, 30, 45, 365, 1_825][..]).prop_map(Length::Days),
        1 => Just(Length::Days(1_826)),
        2 => select(&[1i64, 1_000_000, 0, -1][..]).prop_map(Length::Micros),
    ]
}

fn keys() -> BoxedStrategy<Command> {
    let generate = (pick(), maybe(pick()), text::KEY_NAME.texts(), length());
    let generate = generate.prop_map(|(partner, policy, name, length)| Command::Generate {
        partner,
        policy,
        name,
        length,
    });
    let overlap = select(&[0u64, 0, 1, 7, 30, 31][..]);
    let regenerate = (pick(), maybe(text::KEY_NAME.texts()), length(), overlap);
    let regenerate = regenerate.prop_map(|(key, name, length, overlap_days)| Command::Regenerate {
        key,
        name,
        length,
        overlap_days,
    });
    let imported = (0u8..6, pick(), maybe(pick()), text::KEY_NAME.texts(), -2i64..100);
    let imported = imported.prop_map(|(number, partner, policy, name, days)| Imported {
        number,
        partner,
        policy,
        name,
        days,
    });
    prop_oneof![
        8 => generate,
        5 => regenerate,
        2 => pick().prop_map(Command::DeactivateKey),
        3 => vec(imported, 0..4).prop_map(Command::Import),
    ]
    .boxed()
}

fn reads() -> BoxedStrategy<Command> {
    let texts = &["", " ", "misp_", "é", "misp_0000000000000000000000000000000000000000000000000"][..];
    let presented = prop_oneof![
        Just(Presented::Unknown),
        pick().prop_map(Presented::Mistyped),
        pick().prop_map(Presented::Cut),
        select(texts).prop_map(Presented::Text),
    ];
    prop_oneof![
        1 => presented.prop_map(Command::Authenticate),
        1 => pick().prop_map(Command::LookUp),
        4 => Listing::any().prop_map(Command::List),
    ]
    .boxed()
}
