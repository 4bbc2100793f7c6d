//! What keys belong to: partners and policies.

use misp_onboarding::license_key::LicenseKeyFilter;

use crate::statement::{Builder, Dialect};
use crate::words;

/// What keys belong to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Partner,
    Policy,
}

impl Side {
    pub(super) fn is_meant_by(self, filter: &LicenseKeyFilter) -> bool {
        match self {
            Self::Partner => filter.partner.is_some() || filter.organization.is_some(),
            Self::Policy => {
                filter.policy.is_some()
                    || filter.policy_name.is_some()
                    || filter.policy_group.is_some()
                    || filter.policy_group_name.is_some()
            }
        }
    }

    /// The table, with the name that [`conditions`](Self::conditions) use.
    pub(super) fn table(self) -> &'static str {
        match self {
            Self::Partner => "partners p",
            Self::Policy => "policies d",
        }
    }

    pub(super) fn id(self) -> &'static str {
        match self {
            Self::Partner => "p.id",
            Self::Policy => "d.id",
        }
    }

    /// The column of a key that refers to it, and the index (this column, created_at, id).
    pub(super) fn reference(self) -> (&'static str, &'static str) {
        match self {
            Self::Partner => ("partner_id", "license_keys_of_partner"),
            Self::Policy => ("policy_id", "license_keys_of_policy"),
        }
    }

    /// What the filter asks of it.
    pub(super) fn conditions(self, sql: &mut Builder, filter: &LicenseKeyFilter) -> Vec<String> {
        let mut all = Vec::new();
        match self {
            Self::Partner => {
                all.extend(filter.partner.as_ref().map(|id| format!("p.id = {}", sql.bind(id.as_str()))));
                if let Some(part) = &filter.organization {
                    match sql.dialect {
                        Dialect::Sqlite => {
                            all.push(format!("p.id IN ({})", words::PARTNERS.ids(sql, part)));
                            all.push(sql.contains("p.organization_folded", part));
                        }
                        Dialect::Postgres => {
                            all.push(words::compared_in_postgres(sql, "p.organization_folded", part));
                        }
                    }
                }
            }
            Self::Policy => {
                all.extend(filter.policy.map(|id| format!("d.id = {}", sql.bind(id.to_string()))));
                all.extend(
                    filter.policy_group.map(|id| format!("d.group_id = {}", sql.bind(id.to_string()))),
                );
                all.extend(filter.policy_name.as_ref().map(|part| sql.contains("d.name_folded", part)));
                all.extend(
                    filter.policy_group_name.as_ref().map(|part| sql.contains("d.group_name_folded", part)),
                );
            }
        }
        all
    }
}
