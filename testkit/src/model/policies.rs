//! Policy groups and policies.

use misp_onboarding::policy::{NewPolicy, NewPolicyGroup, PolicyEdit, PolicyState};
use misp_onboarding::{Role, Timestamp};

use super::command::{Edit, Pick, Who};
use super::engines::Difference;
use super::game::Game;
use super::known::{Group, Policy, Reasons};
use super::text::{Document, Text};

const MANAGER: &[Role] = &[Role::PolicyManager];

impl Game {
    pub(super) fn create_group(
        &mut self,
        who: Who,
        name: Text,
        description: Text,
    ) -> Result<bool, Difference> {
        let reasons = Reasons::of(who, MANAGER, |reasons| {
            let taken = self.known.groups.iter().any(|group| Some(group.name) == name.class);
            reasons.fields(name.is_bad() || description.is_bad(), taken);
        });
        let new = NewPolicyGroup { name: name.raw.to_owned(), description: description.raw.to_owned() };
        let answer = self.engines.both(|engine| engine.create_policy_group(&who.actor(), &new))?;
        reasons.judge(&answer)?;
        let (Ok(group), Some(name)) = (answer, name.class) else { return Ok(false) };
        self.known.groups.push(Group { id: group.id, name, active: true });
        Ok(true)
    }

    pub(super) fn deactivate_group(&mut self, who: Who, pick: Pick) -> Result<bool, Difference> {
        let known = &self.known;
        let found = pick.among(known.groups.len());
        let reasons = Reasons::of(who, MANAGER, |reasons| {
            reasons.add(found.is_none(), "policy_group.not_found");
            let Some(group) = found else { return };
            reasons.add(!known.groups[group].active, "policy_group.already_deactivated");
            let mut policies = known.policies.iter().filter(|policy| policy.group == group);
            let in_use = policies.any(|policy| policy.state != PolicyState::Deactivated);
            reasons.add(in_use, "policy_group.in_use");
        });
        let id = known.group_id(found);
        let answer = self.engines.both(|engine| engine.deactivate_policy_group(&who.actor(), id))?;
        reasons.judge(&answer)?;
        if let (Ok(_), Some(group)) = (&answer, found) {
            self.known.groups[group].active = false;
        }
        Ok(answer.is_ok())
    }

    pub(super) fn create_policy(
        &mut self,
        who: Who,
        group: Pick,
        name: Text,
        description: Text,
        document: Document,
        days: Option<i64>,
    ) -> Result<bool, Difference> {
        let known = &self.known;
        let group = group.among(known.groups.len());
        let ends = days.map(|days| self.now().plus_days(days));
        let reasons = Reasons::of(who, MANAGER, |reasons| {
            reasons.add(group.is_none(), "policy_group.not_found");
            reasons.add(group.is_some_and(|group| !known.groups[group].active), "policy_group.not_active");
            let bad = [name, description].into_iter().any(Text::is_bad) || document.allows.is_none();
            reasons.fields(bad || self.is_past(ends), self.name_is_taken(group, name, None));
        });
        let new = NewPolicy {
            group: known.group_id(group),
            name: name.raw.to_owned(),
            description: description.raw.to_owned(),
            document: document.raw.to_owned(),
            valid_until: ends,
        };
        let answer = self.engines.both(|engine| engine.create_policy(&who.actor(), &new))?;
        reasons.judge(&answer)?;
        let (Ok(policy), Some(group), Some(name), Some(allows)) =
            (answer, group, name.class, document.allows)
        else {
            return Ok(false);
        };
        let state = PolicyState::Draft;
        self.known.policies.push(Policy { id: policy.id, group, name, allows, ends, state });
        Ok(true)
    }

    pub(super) fn edit_policy(&mut self, who: Who, pick: Pick, edit: Edit) -> Result<bool, Difference> {
        let known = &self.known;
        let found = pick.among(known.policies.len());
        let ends = edit.days.map(|days| days.map(|days| self.now().plus_days(days)));
        let reasons = Reasons::of(who, MANAGER, |reasons| {
            reasons.add(found.is_none(), "policy.not_found");
            let Some(policy) = found else { return };
            reasons.add(known.policies[policy].state != PolicyState::Draft, "policy.not_draft");
            let bad = [edit.name, edit.description].into_iter().flatten().any(Text::is_bad)
                || edit.document.is_some_and(|document| document.allows.is_none());
            let group = Some(known.policies[policy].group);
            let taken = edit.name.is_some_and(|name| self.name_is_taken(group, name, found));
            reasons.fields(bad || self.is_past(ends.flatten()), taken);
        });
        let raw = |text: Option<Text>| text.map(|text| text.raw.to_owned());
        let change = PolicyEdit {
            name: raw(edit.name),
            description: raw(edit.description),
            document: edit.document.map(|document| document.raw.to_owned()),
            valid_until: ends,
        };
        let id = known.policy_id(found);
        let answer = self.engines.both(|engine| engine.edit_policy(&who.actor(), id, &change))?;
        reasons.judge(&answer)?;
        let (Ok(_), Some(policy)) = (&answer, found) else { return Ok(false) };
        let policy = &mut self.known.policies[policy];
        policy.name = edit.name.and_then(|name| name.class).unwrap_or(policy.name);
        policy.allows = edit.document.and_then(|document| document.allows).unwrap_or(policy.allows);
        policy.ends = ends.unwrap_or(policy.ends);
        Ok(true)
    }

    pub(super) fn publish_policy(&mut self, who: Who, pick: Pick) -> Result<bool, Difference> {
        let (known, now) = (&self.known, self.now());
        let found = pick.among(known.policies.len());
        let reasons = Reasons::of(who, MANAGER, |reasons| {
            reasons.add(found.is_none(), "policy.not_found");
            let Some(policy) = found.map(|policy| &known.policies[policy]) else { return };
            reasons.add(policy.state != PolicyState::Draft, "policy.not_draft");
            reasons.add(!known.groups[policy.group].active, "policy_group.not_active");
            reasons.add(policy.ends.is_some_and(|end| now >= end), "policy.ended");
        });
        let id = known.policy_id(found);
        let answer = self.engines.both(|engine| engine.publish_policy(&who.actor(), id))?;
        reasons.judge(&answer)?;
        if let (Ok(_), Some(policy)) = (&answer, found) {
            self.known.policies[policy].state = PolicyState::Active;
        }
        Ok(answer.is_ok())
    }

    pub(super) fn deactivate_policy(&mut self, who: Who, pick: Pick) -> Result<bool, Difference> {
        let known = &self.known;
        let found = pick.among(known.policies.len());
        let reasons = Reasons::of(who, MANAGER, |reasons| {
            reasons.add(found.is_none(), "policy.not_found");
            let Some(policy) = found else { return };
            let state = known.policies[policy].state;
            reasons.add(state == PolicyState::Deactivated, "policy.already_deactivated");
            reasons.add(state == PolicyState::Draft, "policy.not_active");
            let in_use = known.links.iter().any(|link| link.policy == policy && link.is_open());
            reasons.add(in_use, "policy.in_use");
        });
        let id = known.policy_id(found);
        let answer = self.engines.both(|engine| engine.deactivate_policy(&who.actor(), id))?;
        reasons.judge(&answer)?;
        if let (Ok(_), Some(policy)) = (&answer, found) {
            self.known.policies[policy].state = PolicyState::Deactivated;
        }
        Ok(answer.is_ok())
    }

    fn is_past(&self, end: Option<Timestamp>) -> bool {
        end.is_some_and(|end| end <= self.now())
    }

    /// Whether a policy of the group, but for one, has the name.
    fn name_is_taken(&self, group: Option<usize>, name: Text, but_for: Option<usize>) -> bool {
        let mut others =
            self.known.policies.iter().enumerate().filter(|(number, _)| Some(*number) != but_for);
        others.any(|(_, policy)| Some(policy.group) == group && Some(policy.name) == name.class)
    }
}
