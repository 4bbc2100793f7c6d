//! Who acts, and what they may do.

use crate::id::ActorId;
use crate::state::state_enum;

state_enum!(
    /// What an actor may do.
    Role {
        /// May do everything but write policies.
        PartnerAdmin = "PartnerAdmin",
        /// May write policies and policy groups, and read everything.
        PolicyManager = "PolicyManager",
    }
);

/// Who gives a command, as the host authenticated them. Recorded on every change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    id: ActorId,
    roles: Vec<Role>,
}

impl Actor {
    /// An actor with the given roles.
    pub fn new(id: ActorId, roles: impl IntoIterator<Item = Role>) -> Self {
        Self { id, roles: roles.into_iter().collect() }
    }

    /// The actor's id.
    pub fn id(&self) -> &ActorId {
        &self.id
    }

    /// Whether the actor has the role.
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Checks that the actor has one of the roles.
    pub(crate) fn require(&self, any_of: &'static [Role]) -> Result<(), Forbidden> {
        if any_of.iter().any(|role| self.has(*role)) {
            Ok(())
        } else {
            Err(Forbidden { actor: self.id.clone(), required: any_of, found: self.roles.clone() })
        }
    }
}

/// What commands need.
pub(crate) const PARTNER_ADMIN: &[Role] = &[Role::PartnerAdmin];
/// What writing policies needs.
pub(crate) const POLICY_MANAGER: &[Role] = &[Role::PolicyManager];
/// What reads need.
pub(crate) const ANY_ROLE: &[Role] = &[Role::PartnerAdmin, Role::PolicyManager];

/// The actor lacks the role that the call needs. MOSIP: `KER-ATH-403`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, serde::Serialize)]
#[error("the role {} is needed, {actor} has {}", list(.required, " or "), list(.found, ", "))]
#[non_exhaustive]
pub struct Forbidden {
    /// Who asked.
    pub actor: ActorId,
    /// The roles of which one is needed.
    pub required: &'static [Role],
    /// The roles that the actor has.
    pub found: Vec<Role>,
}

fn list(roles: &[Role], separator: &str) -> String {
    if roles.is_empty() {
        return "no role".to_owned();
    }
    roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(separator)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_role_is_named_with_the_roles_found() {
        let actor = |roles: &[Role]| Actor::new("ana".parse().unwrap(), roles.iter().copied());
        assert!(actor(&[Role::PartnerAdmin]).require(PARTNER_ADMIN).is_ok());
        assert!(actor(&[Role::PolicyManager]).require(ANY_ROLE).is_ok());
        let error = actor(&[Role::PolicyManager]).require(PARTNER_ADMIN).unwrap_err();
        assert_eq!(error.to_string(), "the role PartnerAdmin is needed, ana has PolicyManager");
        let error = actor(&[]).require(ANY_ROLE).unwrap_err();
        assert_eq!(error.to_string(), "the role PartnerAdmin or PolicyManager is needed, ana has no role");
    }
}
