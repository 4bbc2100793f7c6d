package io.github.misponboarding.examples

import io.github.misponboarding.CaCertificate
import io.github.misponboarding.LicenseKeyRecord
import io.github.misponboarding.LicenseKeyState
import io.github.misponboarding.Partner
import io.github.misponboarding.PartnerCertificate
import io.github.misponboarding.Policy
import io.github.misponboarding.PolicyGroup
import io.github.misponboarding.PolicyLink
import io.github.misponboarding.PolicyLinkState
import io.github.misponboarding.Record
import io.github.misponboarding.TrustDomainRecord
import io.github.misponboarding.Unique
import io.github.misponboarding.foldCase
import io.github.misponboarding.permissionsOf

/** A table and how a record becomes its row. `kind` is the engine's name for records of this kind. */
internal class Table<T>(
    val kind: String,
    val name: String,
    val key: (T) -> Any,
    val version: (T) -> Long,
    vararg val columns: Pair<String, (T) -> Any?>,
)

internal val TRUST_DOMAINS = Table<TrustDomainRecord>(
    "trust_domain", "trust_domains", { it.domain }, { it.version },
    "id" to { it.domain },
    "version" to { it.version },
)

internal val CA_CERTIFICATES = Table<CaCertificate>(
    "ca_certificate", "ca_certificates", { it.id }, { it.version },
    "id" to { it.id },
    "domain" to { it.domain },
    "kind" to { it.kind },
    "state" to { it.state },
    "der" to { it.der },
    "fingerprint" to { it.fingerprint },
    "subject" to { it.subject },
    "subject_folded" to { foldCase(it.subject) },
    "issuer" to { it.issuer },
    "issuer_folded" to { foldCase(it.issuer) },
    "not_before" to { it.notBefore },
    "not_after" to { it.notAfter },
    "uploaded_at" to { it.uploadedAt },
    "uploaded_by" to { it.uploadedBy },
    "distrusted_at" to { it.distrustedAt },
    "distrust_reason" to { it.distrustReason },
    "version" to { it.version },
)

internal val POLICY_GROUPS = Table<PolicyGroup>(
    "policy_group", "policy_groups", { it.id }, { it.version },
    "id" to { it.id },
    "name" to { it.name },
    "name_folded" to { foldCase(it.name) },
    "description" to { it.description },
    "state" to { it.state },
    "created_at" to { it.createdAt },
    "created_by" to { it.createdBy },
    "version" to { it.version },
)

internal val POLICIES = Table<Policy>(
    "policy", "policies", { it.id }, { it.version },
    "id" to { it.id },
    "group_id" to { it.group },
    "name" to { it.name },
    "name_folded" to { foldCase(it.name) },
    "description" to { it.description },
    "document" to { it.document },
    // What the document allows, so that authentication need not read it.
    "allow_auth" to { permissionsOf(it.document).allowAuthRequestDelegation },
    "allow_kyc" to { permissionsOf(it.document).allowKycRequestDelegation },
    "trust_token" to { permissionsOf(it.document).trustBindedAuthVerificationToken },
    "allow_binding" to { permissionsOf(it.document).allowKeyBindingDelegation },
    "valid_until" to { it.validUntil },
    "state" to { it.state },
    "created_at" to { it.createdAt },
    "created_by" to { it.createdBy },
    "published_at" to { it.publishedAt },
    "version" to { it.version },
)

internal val PARTNERS = Table<Partner>(
    "partner", "partners", { it.id }, { it.version },
    "id" to { it.id },
    "id_folded" to { foldCase(it.id) },
    "organization" to { it.organization },
    "organization_folded" to { foldCase(it.organization) },
    "address" to { it.address },
    "contact_number" to { it.contactNumber },
    "email" to { it.email },
    "email_folded" to { foldCase(it.email) },
    "language" to { it.language },
    "policy_group" to { it.policyGroup },
    "state" to { it.state },
    "certificate" to { it.certificate },
    "created_at" to { it.createdAt },
    "created_by" to { it.createdBy },
    "updated_at" to { it.updatedAt },
    "updated_by" to { it.updatedBy },
    "version" to { it.version },
)

internal val PARTNER_CERTIFICATES = Table<PartnerCertificate>(
    "partner_certificate", "partner_certificates", { it.id }, { it.version },
    "id" to { it.id },
    "partner" to { it.partner },
    "der" to { it.der },
    "fingerprint" to { it.fingerprint },
    "subject" to { it.subject },
    "issuer" to { it.issuer },
    "serial_number" to { it.serialNumber },
    "not_before" to { it.notBefore },
    "not_after" to { it.notAfter },
    "domain" to { it.domain },
    "path" to { it.path.joinToString(" ") },
    "uploaded_at" to { it.uploadedAt },
    "uploaded_by" to { it.uploadedBy },
    "replaced_at" to { it.replacedAt },
    "version" to { it.version },
)

internal val POLICY_LINKS = Table<PolicyLink>(
    "policy_link", "policy_links", { it.id }, { it.version },
    "id" to { it.id },
    "partner" to { it.partner },
    "policy" to { it.policy },
    "state" to { it.state },
    "request_comment" to { it.requestComment },
    "requested_at" to { it.requestedAt },
    "requested_by" to { it.requestedBy },
    "decided_at" to { it.decidedAt },
    "decided_by" to { it.decidedBy },
    "decision_comment" to { it.decisionComment },
    "version" to { it.version },
)

internal val LICENSE_KEYS = Table<LicenseKeyRecord>(
    "license_key", "license_keys", { it.id }, { it.version },
    "id" to { it.id },
    "partner" to { it.partner },
    "policy" to { it.policy },
    "name" to { it.name },
    "name_folded" to { foldCase(it.name) },
    "digest" to { it.digest },
    "last4" to { it.last4 },
    "state" to { it.state },
    "origin" to { it.origin },
    "created_at" to { it.createdAt },
    "created_by" to { it.createdBy },
    "expires_at" to { it.expiresAt },
    "overlap_ends_at" to { it.overlapEndsAt },
    "deactivated_at" to { it.deactivatedAt },
    "replaces" to { it.replaces },
    "replaced_by" to { it.replacedBy },
    "version" to { it.version },
)

internal val TABLES = listOf(
    TRUST_DOMAINS, CA_CERTIFICATES, POLICY_GROUPS, POLICIES, PARTNERS, PARTNER_CERTIFICATES, POLICY_LINKS, LICENSE_KEYS,
)

/** What is unique beside ids, by the columns that SQLite names. */
internal val UNIQUES = mapOf(
    "partners.id" to Unique.PARTNER_ID,
    "partners.id_folded" to Unique.PARTNER_ID,
    "partners.email_folded" to Unique.PARTNER_EMAIL,
    "ca_certificates.domain, ca_certificates.fingerprint" to Unique.CA_FINGERPRINT,
    "policy_groups.name_folded" to Unique.POLICY_GROUP_NAME,
    "policies.group_id, policies.name_folded" to Unique.POLICY_NAME,
    "policy_links.partner, policy_links.policy" to Unique.OPEN_POLICY_LINK,
    "license_keys.digest" to Unique.LICENSE_KEY_DIGEST,
    "license_keys.partner, license_keys.name_folded" to Unique.LICENSE_KEY_NAME,
)

private fun references(table: String) = "REFERENCES $table (id) DEFERRABLE INITIALLY DEFERRED"

/**
 * Text is compared byte by byte, `_folded` columns hold it without regard to case, instants are microseconds since 1970.
 * References are checked at the end of a commit, since a partner and its certificate name each other.
 */
internal val SCHEMA = listOf(
    "CREATE TABLE trust_domains (id TEXT PRIMARY KEY, version INTEGER NOT NULL)",
    """CREATE TABLE ca_certificates (
        id TEXT PRIMARY KEY, domain TEXT NOT NULL ${references("trust_domains")}, kind TEXT NOT NULL,
        state TEXT NOT NULL, der BLOB NOT NULL, fingerprint TEXT NOT NULL, subject TEXT NOT NULL,
        subject_folded TEXT NOT NULL, issuer TEXT NOT NULL, issuer_folded TEXT NOT NULL, not_before INTEGER NOT NULL,
        not_after INTEGER NOT NULL, uploaded_at INTEGER NOT NULL, uploaded_by TEXT NOT NULL, distrusted_at INTEGER,
        distrust_reason TEXT, version INTEGER NOT NULL, UNIQUE (domain, fingerprint))""",
    """CREATE TABLE policy_groups (
        id TEXT PRIMARY KEY, name TEXT NOT NULL, name_folded TEXT NOT NULL UNIQUE, description TEXT NOT NULL,
        state TEXT NOT NULL, created_at INTEGER NOT NULL, created_by TEXT NOT NULL, version INTEGER NOT NULL)""",
    """CREATE TABLE policies (
        id TEXT PRIMARY KEY, group_id TEXT NOT NULL ${references("policy_groups")}, name TEXT NOT NULL,
        name_folded TEXT NOT NULL, description TEXT NOT NULL, document TEXT NOT NULL, allow_auth INTEGER NOT NULL,
        allow_kyc INTEGER NOT NULL, trust_token INTEGER NOT NULL, allow_binding INTEGER NOT NULL,
        valid_until INTEGER, state TEXT NOT NULL, created_at INTEGER NOT NULL, created_by TEXT NOT NULL,
        published_at INTEGER, version INTEGER NOT NULL, UNIQUE (group_id, name_folded))""",
    """CREATE TABLE partners (
        id TEXT PRIMARY KEY, id_folded TEXT NOT NULL UNIQUE, organization TEXT NOT NULL,
        organization_folded TEXT NOT NULL, address TEXT NOT NULL, contact_number TEXT NOT NULL, email TEXT NOT NULL,
        email_folded TEXT NOT NULL UNIQUE, language TEXT NOT NULL, policy_group TEXT ${references("policy_groups")},
        state TEXT NOT NULL, certificate TEXT ${references("partner_certificates")}, created_at INTEGER NOT NULL,
        created_by TEXT NOT NULL, updated_at INTEGER NOT NULL, updated_by TEXT NOT NULL, version INTEGER NOT NULL)""",
    """CREATE TABLE partner_certificates (
        id TEXT PRIMARY KEY, partner TEXT NOT NULL ${references("partners")}, der BLOB NOT NULL,
        fingerprint TEXT NOT NULL, subject TEXT NOT NULL, issuer TEXT NOT NULL, serial_number TEXT NOT NULL,
        not_before INTEGER NOT NULL, not_after INTEGER NOT NULL, domain TEXT NOT NULL, path TEXT NOT NULL,
        uploaded_at INTEGER NOT NULL, uploaded_by TEXT NOT NULL, replaced_at INTEGER, version INTEGER NOT NULL)""",
    """CREATE TABLE policy_links (
        id TEXT PRIMARY KEY, partner TEXT NOT NULL ${references("partners")},
        policy TEXT NOT NULL ${references("policies")}, state TEXT NOT NULL, request_comment TEXT NOT NULL,
        requested_at INTEGER NOT NULL, requested_by TEXT NOT NULL, decided_at INTEGER, decided_by TEXT,
        decision_comment TEXT, version INTEGER NOT NULL)""",
    "CREATE UNIQUE INDEX open_links ON policy_links (partner, policy) WHERE state <> '${PolicyLinkState.REJECTED}'",
    """CREATE TABLE license_keys (
        id TEXT PRIMARY KEY, partner TEXT NOT NULL ${references("partners")}, policy TEXT ${references("policies")},
        name TEXT NOT NULL, name_folded TEXT NOT NULL, digest TEXT NOT NULL UNIQUE, last4 TEXT NOT NULL,
        state TEXT NOT NULL, origin TEXT NOT NULL, created_at INTEGER NOT NULL, created_by TEXT NOT NULL,
        expires_at INTEGER NOT NULL, overlap_ends_at INTEGER, deactivated_at INTEGER,
        replaces TEXT ${references("license_keys")}, replaced_by TEXT ${references("license_keys")},
        version INTEGER NOT NULL)""",
    "CREATE UNIQUE INDEX live_names ON license_keys (partner, name_folded) WHERE state = '${LicenseKeyState.ACTIVE}'",
    """CREATE TABLE events (
        sequence INTEGER PRIMARY KEY, at INTEGER NOT NULL, actor TEXT NOT NULL, kind TEXT NOT NULL,
        subject_kind TEXT NOT NULL, subject_id TEXT NOT NULL, version INTEGER NOT NULL, partner TEXT,
        old_state TEXT, new_state TEXT)""",
    "CREATE TABLE event_facts (sequence INTEGER NOT NULL REFERENCES events (sequence), name TEXT NOT NULL, value TEXT NOT NULL)",
    "CREATE INDEX facts_of_event ON event_facts (sequence)",
)

/** The table of a record. */
@Suppress("UNCHECKED_CAST")
internal fun Record.table(): Table<Any> = when (this) {
    is Record.TrustDomain -> TRUST_DOMAINS
    is Record.CaCertificate -> CA_CERTIFICATES
    is Record.Partner -> PARTNERS
    is Record.PartnerCertificate -> PARTNER_CERTIFICATES
    is Record.PolicyGroup -> POLICY_GROUPS
    is Record.Policy -> POLICIES
    is Record.PolicyLink -> POLICY_LINKS
    is Record.LicenseKey -> LICENSE_KEYS
} as Table<Any>

internal fun Record.value(): Any = when (this) {
    is Record.TrustDomain -> record
    is Record.CaCertificate -> record
    is Record.Partner -> record
    is Record.PartnerCertificate -> record
    is Record.PolicyGroup -> record
    is Record.Policy -> record
    is Record.PolicyLink -> record
    is Record.LicenseKey -> record
}
