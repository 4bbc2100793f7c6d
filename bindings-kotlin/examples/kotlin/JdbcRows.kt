package io.github.misponboarding.examples

import io.github.misponboarding.CaCertificate
import io.github.misponboarding.LicenseKeyRecord
import io.github.misponboarding.LicenseKeyRow
import io.github.misponboarding.Partner
import io.github.misponboarding.PartnerCertificate
import io.github.misponboarding.Policy
import io.github.misponboarding.PolicyGroup
import io.github.misponboarding.PolicyLink
import java.sql.ResultSet
import java.time.Instant
import java.time.temporal.ChronoUnit
import java.util.UUID

/** A value as the database keeps it. */
internal fun bound(value: Any?): Any? = when (value) {
    is Instant -> value.epochSecond * 1_000_000 + value.nano / 1_000
    is UUID -> value.toString()
    is Enum<*> -> value.name
    is Boolean -> if (value) 1 else 0
    else -> value
}

/** A row being read. */
internal class Fields(private val row: ResultSet) {
    fun text(name: String): String = row.getString(name)
    fun textOrNull(name: String): String? = row.getString(name)
    fun uuid(name: String): UUID = UUID.fromString(text(name))
    fun uuidOrNull(name: String): UUID? = textOrNull(name)?.let(UUID::fromString)
    fun long(name: String): Long = row.getLong(name)
    fun bool(name: String): Boolean = row.getInt(name) != 0
    fun bytes(name: String): ByteArray = row.getBytes(name)
    fun instant(name: String): Instant = Instant.EPOCH.plus(long(name), ChronoUnit.MICROS)
    fun instantOrNull(name: String): Instant? = instant(name).takeUnless { row.wasNull() }
    inline fun <reified E : Enum<E>> enum(name: String): E = enumValueOf(text(name))

    fun partner() = Partner(
        text("id"), text("organization"), text("address"), text("contact_number"), text("email"), text("language"),
        uuidOrNull("policy_group"), enum("state"), uuidOrNull("certificate"), instant("created_at"),
        text("created_by"), instant("updated_at"), text("updated_by"), long("version"),
    )

    fun caCertificate() = CaCertificate(
        uuid("id"), text("domain"), enum("kind"), enum("state"), bytes("der"), text("fingerprint"), text("subject"),
        text("issuer"), instant("not_before"), instant("not_after"), instant("uploaded_at"), text("uploaded_by"),
        instantOrNull("distrusted_at"), textOrNull("distrust_reason"), long("version"),
    )

    fun partnerCertificate() = PartnerCertificate(
        uuid("id"), text("partner"), bytes("der"), text("fingerprint"), text("subject"), text("issuer"),
        text("serial_number"), instant("not_before"), instant("not_after"), text("domain"),
        text("path").split(" ").filter { it.isNotEmpty() }, instant("uploaded_at"), text("uploaded_by"),
        instantOrNull("replaced_at"), long("version"),
    )

    fun policyGroup() = PolicyGroup(
        uuid("id"), text("name"), text("description"), enum("state"), instant("created_at"), text("created_by"),
        long("version"),
    )

    fun policy() = Policy(
        uuid("id"), uuid("group_id"), text("name"), text("description"), text("document"),
        instantOrNull("valid_until"), enum("state"), instant("created_at"), text("created_by"),
        instantOrNull("published_at"), long("version"),
    )

    fun policyLink() = PolicyLink(
        uuid("id"), text("partner"), uuid("policy"), enum("state"), text("request_comment"), instant("requested_at"),
        text("requested_by"), instantOrNull("decided_at"), textOrNull("decided_by"), textOrNull("decision_comment"),
        long("version"),
    )

    fun licenseKey() = LicenseKeyRecord(
        uuid("id"), text("partner"), uuidOrNull("policy"), text("name"), text("digest"), text("last4"), enum("state"),
        enum("origin"), instant("created_at"), text("created_by"), instant("expires_at"),
        instantOrNull("overlap_ends_at"), instantOrNull("deactivated_at"), uuidOrNull("replaces"),
        uuidOrNull("replaced_by"), long("version"),
    )

    fun licenseKeyRow() = LicenseKeyRow(
        licenseKey(), text("organization"), enum("partner_state"), textOrNull("policy_name"),
        uuidOrNull("policy_group"), textOrNull("policy_group_name"),
    )
}
