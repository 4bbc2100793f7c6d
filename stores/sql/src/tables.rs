//! What the tables are called.

/// Trust domains.
pub const TRUST_DOMAINS: &str = "trust_domains";
/// The certificates of the trust store.
pub const CA_CERTIFICATES: &str = "ca_certificates";
/// Partners.
pub const PARTNERS: &str = "partners";
/// The certificates of partners.
pub const PARTNER_CERTIFICATES: &str = "partner_certificates";
/// The paths that partner certificates were accepted over.
pub const PARTNER_CERTIFICATE_PATHS: &str = "partner_certificate_paths";
/// Policy groups.
pub const POLICY_GROUPS: &str = "policy_groups";
/// Policies.
pub const POLICIES: &str = "policies";
/// Policy links.
pub const POLICY_LINKS: &str = "policy_links";
/// License keys.
pub const LICENSE_KEYS: &str = "license_keys";
/// Events.
pub const EVENTS: &str = "events";
