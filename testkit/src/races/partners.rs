//! Races about partners and their policy groups.

use misp_onboarding::partner::{PartnerId, PartnerUpdate};
use misp_onboarding::policy_link::PolicyLinkState;

use super::license_keys::{active_keys, made_key};
use super::policies::group_of;
use super::{Race, Side, Subject};
use crate::scenario::{Scenario, generate};

/// Why a partner cannot be deactivated twice.
const DOWN: &[&str] = &["partner.already_deactivated"];
/// Why it cannot be created twice.
const TAKEN: &[&str] = &["input.taken"];
/// Why its policy group cannot be selected twice.
const SELECTED: &[&str] = &["partner.policy_group_already_selected"];

pub(super) const RACES: &[Race] = &[
    Race {
        name: "two partners of one id",
        prepare: |_, name| Subject::default().with("name", name),
        one: |s, subject| create(s, &format!("create-{}", subject.text("name")), "one"),
        two: |s, subject| create(s, &format!("CREATE-{}", subject.text("name")), "two"),
        check: |_, _, outcomes| {
            outcomes.one_wins(TAKEN, TAKEN);
        },
    },
    Race {
        name: "two partners of one email address",
        prepare: |_, name| Subject::default().with("name", name),
        one: |s, subject| create(s, &format!("mail-one-{}", subject.text("name")), "mail"),
        two: |s, subject| create(s, &format!("mail-two-{}", subject.text("name")), "MAIL"),
        check: |_, _, outcomes| {
            outcomes.one_wins(TAKEN, TAKEN);
        },
    },
    Race {
        name: "two updates of one partner",
        prepare: |s, name| Subject::default().with("partner", s.partner(&format!("update-{name}"))),
        one: |s, subject| {
            let address = Some("2 Harbor Street".to_owned());
            update(s, subject, PartnerUpdate { address, ..PartnerUpdate::default() })
        },
        two: |s, subject| {
            let contact_number = Some("+1 (555) 0199".to_owned());
            update(s, subject, PartnerUpdate { contact_number, ..PartnerUpdate::default() })
        },
        check: |s, subject, outcomes| {
            outcomes.lose_with(Side::One, &[]);
            outcomes.lose_with(Side::Two, &[]);
            let partner = s.onboarding.partner(&s.admin, &subject.get("partner")).expect("partner is there");
            let found = (partner.address.as_str(), partner.contact_number.as_str(), partner.version.number());
            assert_eq!(found, ("2 Harbor Street", "+1 (555) 0199", 3), "no update is lost, none comes twice");
        },
    },
    Race {
        name: "two selections of a policy group",
        prepare: |s, name| {
            let subject = Subject::default().with("partner", s.partner(&format!("select-{name}")));
            let subject = subject.with("one", s.policy_group(&format!("select one {name}")).id);
            subject.with("two", s.policy_group(&format!("select two {name}")).id)
        },
        one: |s, subject| select(s, subject, "one"),
        two: |s, subject| select(s, subject, "two"),
        check: |s, subject, outcomes| {
            let (_, made) = outcomes.one_wins(SELECTED, SELECTED);
            let kept = s.onboarding.partner(&s.admin, &subject.get("partner")).expect("partner is there");
            assert_eq!(kept.policy_group.map(|group| group.to_string()).as_deref(), Some(made));
        },
    },
    Race {
        name: "select a policy group and deactivate it",
        prepare: |s, name| {
            let subject = Subject::default().with("partner", s.partner(&format!("group-{name}")));
            subject.with("one", s.policy_group(&format!("leaving {name}")).id)
        },
        one: |s, subject| select(s, subject, "one"),
        two: |s, subject| {
            s.onboarding
                .deactivate_policy_group(&s.manager, subject.get("one"))
                .map(|group| group.id.to_string())
        },
        check: |s, subject, outcomes| {
            // An empty group can be deactivated.
            outcomes.one_of_side_wins(Side::Two, &["policy_group.already_deactivated"]);
            outcomes
                .lose_with(Side::One, &["policy_group.not_active", "partner.policy_group_already_selected"]);
            let kept = s.onboarding.partner(&s.admin, &subject.get("partner")).expect("partner is there");
            let kept = kept.policy_group.map(|group| group.to_string());
            assert_eq!(outcomes.made(Side::One), kept.as_deref().into_iter().collect::<Vec<_>>());
        },
    },
    Race {
        name: "deactivate partner and generate",
        prepare: |s, name| Subject::default().with("partner", s.active_partner(&format!("down-{name}"))),
        one: deactivate,
        two: |s, subject| {
            s.onboarding.generate_license_key(&s.admin, &generate(&subject.get("partner"), "x")).map(made_key)
        },
        check: |s, subject, outcomes| {
            outcomes.one_of_side_wins(Side::One, DOWN);
            outcomes.lose_with(Side::Two, &["partner.not_active", "input.taken"]);
            no_key_lives(s, subject, &outcomes.made(Side::Two));
        },
    },
    Race {
        name: "deactivate partner and regenerate",
        prepare: |s, name| {
            let partner = s.active_partner(&format!("down-again-{name}"));
            let old = s.license_key(&partner, "x").view.row.key.id;
            Subject::default().with("partner", partner).with("old", old)
        },
        one: deactivate,
        two: super::license_keys::regenerate,
        check: |s, subject, outcomes| {
            outcomes.one_of_side_wins(Side::One, DOWN);
            outcomes.lose_with(
                Side::Two,
                &["partner.not_active", "license_key.already_deactivated", "license_key.wrong_status"],
            );
            no_key_lives(s, subject, &outcomes.made(Side::Two));
        },
    },
    Race {
        name: "deactivate partner and request policy",
        prepare: |s, name| {
            let (partner, _) = s.ready_partner_with_policy(&format!("down-request-{name}"));
            let policy = s.policy(group_of(s, &partner), "second");
            Subject::default().with("partner", partner).with("policy", policy)
        },
        one: deactivate,
        two: super::policies::request,
        check: |s, _, outcomes| {
            outcomes.one_of_side_wins(Side::One, DOWN);
            outcomes.lose_with(Side::Two, &["partner.not_active", "policy_link.already_pending"]);
            for link in outcomes.made(Side::Two) {
                let link = link.parse().expect("the id of a link");
                let link = s.onboarding.policy_link(&s.admin, link).expect("link is there");
                let rejected = PolicyLinkState::Rejected;
                assert_eq!(link.state, rejected, "no request of a deactivated partner is pending");
            }
        },
    },
    Race {
        name: "deactivate partner and approve",
        prepare: |s, name| {
            let (partner, _) = s.ready_partner_with_policy(&format!("down-approve-{name}"));
            let link = s.request(&partner, s.policy(group_of(s, &partner), "second")).id;
            Subject::default().with("partner", partner).with("link", link)
        },
        one: deactivate,
        two: super::policies::approve,
        check: |s, subject, outcomes| {
            outcomes.one_of_side_wins(Side::One, DOWN);
            // The link was read before the partner went down, or after.
            outcomes.lose_with(Side::Two, &["partner.not_active", "policy_link.already_decided"]);
            let state = s.onboarding.policy_link(&s.admin, subject.get("link")).expect("link is there").state;
            match outcomes.made(Side::Two).len() {
                0 => assert_eq!(state, PolicyLinkState::Rejected, "{outcomes:?}"),
                made => assert_eq!((made, state), (1, PolicyLinkState::Approved), "{outcomes:?}"),
            }
        },
    },
];

fn create(s: &Scenario, id: &str, mailbox: &str) -> Result<String, misp_onboarding::Error> {
    let mut new = s.new_partner(id);
    let (_, name) = id.split_once('-').expect("ids of races have a name");
    // Of "mail-one-1" and "mail-two-1" the address is the same.
    let name = name.trim_start_matches("one-").trim_start_matches("two-");
    new.email = format!("{mailbox}-{name}@example.org");
    s.onboarding.create_partner(&s.admin, &new).map(|partner| partner.id.to_string())
}

fn update(s: &Scenario, subject: &Subject, update: PartnerUpdate) -> Result<String, misp_onboarding::Error> {
    let partner = s.onboarding.update_partner(&s.admin, &subject.get("partner"), &update)?;
    Ok(partner.version.to_string())
}

fn select(s: &Scenario, subject: &Subject, group: &str) -> Result<String, misp_onboarding::Error> {
    s.onboarding.select_policy_group(&s.admin, &subject.get("partner"), subject.get(group))?;
    Ok(subject.text(group).to_owned())
}

fn deactivate(s: &Scenario, subject: &Subject) -> Result<String, misp_onboarding::Error> {
    s.onboarding.deactivate_partner(&s.admin, &subject.get("partner")).map(|partner| partner.id.to_string())
}

/// Deactivation always gets its way; a key made just before goes down with the partner.
fn no_key_lives(s: &Scenario, subject: &Subject, keys: &[&str]) {
    let partner: PartnerId = subject.get("partner");
    assert_eq!(active_keys(s, &partner), 0, "no active key on a deactivated partner");
    for key in keys {
        let verdict = s.onboarding.authenticate(key).expect("the store answers");
        assert!(verdict.is_err(), "a key of a deactivated partner opens a door");
    }
}
