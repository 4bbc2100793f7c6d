//! What things are called.

/// The partner whose name, group, policy and keys no other one shares.
pub const RARE_ORGANIZATION: &str = "Quetzal Postal Savings";
/// Its policy group.
pub const RARE_GROUP: &str = "Humanitarian aid";
/// Its policy.
pub const RARE_POLICY: &str = "Refugee registration";
/// What only its keys are called.
pub const RARE_KEY: &str = "Quarantine";

/// Parts of 10,000 names of organizations.
pub(super) const WHERE: [&str; 40] = [
    "Meridian",
    "Northern",
    "Coastal",
    "Highland",
    "Riverside",
    "Sunrise",
    "Savannah",
    "Unity",
    "Pioneer",
    "Heritage",
    "Crescent",
    "Baobab",
    "Acacia",
    "Lotus",
    "Monsoon",
    "Delta",
    "Summit",
    "Harbor",
    "Equator",
    "Jasmine",
    "Cedar",
    "Falcon",
    "Golden",
    "Silver",
    "Emerald",
    "Sapphire",
    "Coral",
    "Ivory",
    "Orchid",
    "Peacock",
    "Mahogany",
    "Valley",
    "Capital",
    "National",
    "Provincial",
    "Metropolitan",
    "Continental",
    "Atlantic",
    "Pacific",
    "Central",
];
pub(super) const WHAT: [&str; 25] = [
    "Commercial Bank",
    "Savings Bank",
    "Rural Bank",
    "Cooperative Bank",
    "Development Bank",
    "Islamic Bank",
    "Microfinance",
    "Mobile Money",
    "Payments",
    "Telecom",
    "Wireless",
    "Broadband",
    "Insurance",
    "Health Network",
    "Pension Fund",
    "Credit Union",
    "Remittances",
    "Leasing",
    "Securities",
    "Power & Water",
    "Education Trust",
    "Transport",
    "Logistics",
    "Retail Group",
    "Agriculture Union",
];
pub(super) const FORM: [&str; 10] =
    ["Ltd", "PLC", "Inc", "GmbH", "S.A.", "LLC", "Pvt Ltd", "Holdings", "Corporation", "Group"];

/// Part of a third of the organizations' names.
pub const COMMON_ORGANIZATION: &str = "bank";

/// The policy groups beside the rare one.
pub(super) const GROUPS: [&str; 19] = [
    "Retail banking",
    "Corporate banking",
    "Mobile money",
    "Telecommunications",
    "Insurance",
    "Health services",
    "Pensions",
    "Social protection",
    "Tax administration",
    "Land registry",
    "Education",
    "Transport",
    "Utilities",
    "Microfinance",
    "Remittances",
    "Capital markets",
    "Border control",
    "Civil registration",
    "Agriculture",
];
/// Part of a few groups' names.
pub const COMMON_GROUP: &str = "banking";

/// The policies of each of these groups.
pub(super) const POLICIES: [&str; 8] = [
    "Basic authentication",
    "Full KYC",
    "Payment authorization",
    "Account opening",
    "Loan servicing",
    "Branch onboarding",
    "Agent network",
    "Subscription renewal",
];
/// Part of a quarter of the policies' names.
pub const COMMON_POLICY: &str = "auth";

/// Parts of the names of license keys.
pub(super) const STAGE: [&str; 5] = ["Live", "Staging", "Pilot", "Recovery", "Test"];
pub(super) const SYSTEM: [&str; 10] =
    ["gateway", "mobile", "terminal", "kiosk", "hotline", "agents", "portal", "core", "tablets", "partners"];
/// Part of a tenth of the keys' names.
pub const COMMON_KEY: &str = "gateway";

/// Part of no name at all.
pub const ABSENT: &str = "zeppelin";
/// The same with too few characters for an index of three characters.
pub const ABSENT_SHORT: &str = "zq";
