package io.github.misponboarding.examples

import io.github.misponboarding.*
import java.sql.Connection
import java.sql.DriverManager
import java.sql.SQLException
import java.time.Duration
import java.time.Instant
import java.util.concurrent.locks.ReentrantLock
import kotlin.concurrent.withLock

/**
 * A store over JDBC, on SQLite. It passes the conformance suite, and shows what each method has to do.
 *
 * One connection serves one caller at a time; with a server database, take a connection from a pool for each call and
 * commit with `SERIALIZABLE`. Lists are sorted by joined columns: to make a page cost the same at the millionth row,
 * repeat those columns in the list's own table and give each an index.
 */
class JdbcStore(url: String) : Store, AutoCloseable {
    private val connection: Connection = DriverManager.getConnection(url)
    private val lock = ReentrantLock()

    init {
        connection.createStatement().use { statement ->
            statement.execute("PRAGMA foreign_keys = ON")
            val isNew = statement.executeQuery("SELECT count(*) FROM sqlite_master").use { it.getInt(1) == 0 }
            if (isNew) SCHEMA.forEach(statement::execute)
        }
    }

    override fun close() = lock.withLock { connection.close() }

    // Partners

    override fun partner(id: PartnerId) = one("SELECT * FROM partners WHERE id = ?", id) { partner() }

    override fun partnerIdLike(id: PartnerId) =
        one("SELECT id FROM partners WHERE id_folded = ?", foldCase(id)) { text("id") }

    override fun partnerIdByEmail(email: EmailAddress) =
        one("SELECT id FROM partners WHERE email_folded = ?", foldCase(email)) { text("id") }

    override fun listPartners(query: PartnerQuery): List<PartnerRow> {
        val column = when (query.sort) {
            PartnerSort.ID -> "p.id_folded"
            PartnerSort.ORGANIZATION -> "p.organization_folded"
            PartnerSort.POLICY_GROUP -> "coalesce(g.name_folded, '')"
            PartnerSort.STATE -> "lower(p.state)"
            PartnerSort.CREATED_AT -> "p.created_at"
            PartnerSort.CERTIFICATE_ENDS -> "coalesce(c.not_after, $LATEST)"
        }
        val select = "SELECT p.*, g.name AS policy_group_name, c.not_after AS certificate_ends $FROM_PARTNERS"
        return conditions(query.filter, query.now)
            .page(select, column, "p.id", query.direction, query.after, query.limit) {
                PartnerRow(partner(), textOrNull("policy_group_name"), instantOrNull("certificate_ends"))
            }
    }

    override fun countPartners(filter: PartnerFilter, now: Timestamp) = conditions(filter, now).count(FROM_PARTNERS)

    private fun conditions(filter: PartnerFilter, now: Instant) = Conditions().apply {
        equal("p.id", filter.id)
        contains("p.organization_folded", filter.organization)
        equal("p.email_folded", filter.email?.let(::foldCase))
        equal("p.policy_group", filter.policyGroup)
        contains("g.name_folded", filter.policyGroupName)
        equal("p.state", filter.state)
        status("c.not_after", filter.certificateStatus, now)
        within("c.not_after", filter.certificateEnds)
    }

    // Certificates

    override fun trustDomain(domain: TrustDomain) =
        one("SELECT * FROM trust_domains WHERE id = ?", domain) { TrustDomainRecord(text("id"), long("version")) }

    override fun caCertificates(domain: TrustDomain) =
        all("SELECT * FROM ca_certificates WHERE domain = ? ORDER BY uploaded_at, id", domain) { caCertificate() }

    override fun caCertificate(id: CaCertificateId) =
        one("SELECT * FROM ca_certificates WHERE id = ?", id) { caCertificate() }

    override fun listCaCertificates(query: CaCertificateQuery): List<CaCertificate> {
        val column = when (query.sort) {
            CaCertificateSort.SUBJECT -> "subject_folded"
            CaCertificateSort.ISSUER -> "issuer_folded"
            CaCertificateSort.UPLOADED_AT -> "uploaded_at"
            CaCertificateSort.NOT_AFTER -> "not_after"
        }
        return conditions(query.filter, query.now)
            .page("SELECT * FROM ca_certificates", column, "id", query.direction, query.after, query.limit) { caCertificate() }
    }

    override fun countCaCertificates(filter: CaCertificateFilter, now: Timestamp) =
        conditions(filter, now).count("FROM ca_certificates")

    private fun conditions(filter: CaCertificateFilter, now: Instant) = Conditions().apply {
        equal("id", filter.id)
        equal("domain", filter.domain)
        equal("kind", filter.kind)
        equal("state", filter.state)
        status("not_after", filter.status, now)
        equal("fingerprint", filter.fingerprint)
        contains("subject_folded", filter.subject)
        contains("issuer_folded", filter.issuer)
        within("not_after", filter.ends)
    }

    override fun partnerCertificate(id: PartnerCertificateId) =
        one("SELECT * FROM partner_certificates WHERE id = ?", id) { partnerCertificate() }

    override fun partnerCertificates(partner: PartnerId) = all(
        "SELECT * FROM partner_certificates WHERE partner = ? ORDER BY uploaded_at DESC, id DESC", partner,
    ) { partnerCertificate() }

    // Fingerprints are of one length, and a space parts them: one that is contained is one of them.
    override fun partnersRelyingOn(domain: TrustDomain, fingerprint: Fingerprint) = all(
        """SELECT p.id FROM partners p JOIN partner_certificates c ON c.id = p.certificate
           WHERE c.domain = ? AND instr(c.path, ?) > 0 ORDER BY p.id""",
        domain, fingerprint,
    ) { text("id") }

    // Policy groups and policies

    override fun policyGroup(id: PolicyGroupId) = one("SELECT * FROM policy_groups WHERE id = ?", id) { policyGroup() }

    override fun policyGroupNamed(name: PolicyGroupName) =
        one("SELECT id FROM policy_groups WHERE name_folded = ?", foldCase(name)) { uuid("id") }

    override fun policyCounts(group: PolicyGroupId) = PolicyCounts(
        count("FROM policies WHERE group_id = ? AND state = ?", group, PolicyState.DRAFT),
        count("FROM policies WHERE group_id = ? AND state = ?", group, PolicyState.ACTIVE),
    )

    override fun listPolicyGroups(query: PolicyGroupQuery): List<PolicyGroup> {
        val column = when (query.sort) {
            PolicyGroupSort.NAME -> "name_folded"
            PolicyGroupSort.CREATED_AT -> "created_at"
        }
        return conditions(query.filter)
            .page("SELECT * FROM policy_groups", column, "id", query.direction, query.after, query.limit) { policyGroup() }
    }

    override fun countPolicyGroups(filter: PolicyGroupFilter) = conditions(filter).count("FROM policy_groups")

    private fun conditions(filter: PolicyGroupFilter) = Conditions().apply {
        equal("id", filter.id)
        contains("name_folded", filter.name)
        equal("state", filter.state)
    }

    override fun policy(id: PolicyId) = one("SELECT * FROM policies WHERE id = ?", id) { policy() }

    override fun policyNamed(group: PolicyGroupId, name: PolicyName) =
        one("SELECT id FROM policies WHERE group_id = ? AND name_folded = ?", group, foldCase(name)) { uuid("id") }

    override fun listPolicies(query: PolicyQuery): List<PolicyRow> {
        val column = when (query.sort) {
            PolicySort.NAME -> "o.name_folded"
            PolicySort.POLICY_GROUP -> "g.name_folded"
            PolicySort.CREATED_AT -> "o.created_at"
        }
        return conditions(query.filter)
            .page("SELECT o.*, g.name AS group_name $FROM_POLICIES", column, "o.id", query.direction, query.after, query.limit) {
                PolicyRow(policy(), text("group_name"))
            }
    }

    override fun countPolicies(filter: PolicyFilter) = conditions(filter).count(FROM_POLICIES)

    private fun conditions(filter: PolicyFilter) = Conditions().apply {
        equal("o.id", filter.id)
        equal("o.group_id", filter.group)
        contains("g.name_folded", filter.groupName)
        contains("o.name_folded", filter.name)
        equal("o.state", filter.state)
    }

    // Policy links

    override fun policyLink(id: PolicyLinkId) = one("SELECT * FROM policy_links WHERE id = ?", id) { policyLink() }

    override fun openPolicyLink(partner: PartnerId, policy: PolicyId) = one(
        "SELECT * FROM policy_links WHERE partner = ? AND policy = ? AND state <> ?",
        partner, policy, PolicyLinkState.REJECTED,
    ) { policyLink() }

    override fun pendingPolicyLinks(partner: PartnerId) = all(
        "SELECT * FROM policy_links WHERE partner = ? AND state = ? ORDER BY id", partner, PolicyLinkState.PENDING,
    ) { policyLink() }

    override fun linkCounts(policy: PolicyId) = LinkCounts(
        count("FROM policy_links WHERE policy = ? AND state = ?", policy, PolicyLinkState.PENDING),
        count("FROM policy_links WHERE policy = ? AND state = ?", policy, PolicyLinkState.APPROVED),
    )

    override fun listPolicyLinks(query: PolicyLinkQuery): List<PolicyLinkRow> {
        val column = when (query.sort) {
            PolicyLinkSort.PARTNER -> "p.id_folded"
            PolicyLinkSort.ORGANIZATION -> "p.organization_folded"
            PolicyLinkSort.POLICY -> "o.name_folded"
            PolicyLinkSort.POLICY_GROUP -> "g.name_folded"
            PolicyLinkSort.STATE -> "lower(l.state)"
            PolicyLinkSort.REQUESTED_AT -> "l.requested_at"
        }
        val select = """SELECT l.*, p.organization, o.name AS policy_name, o.group_id AS policy_group,
            g.name AS policy_group_name $FROM_POLICY_LINKS"""
        return conditions(query.filter)
            .page(select, column, "l.id", query.direction, query.after, query.limit) {
                PolicyLinkRow(policyLink(), text("organization"), text("policy_name"), uuid("policy_group"), text("policy_group_name"))
            }
    }

    override fun countPolicyLinks(filter: PolicyLinkFilter) = conditions(filter).count(FROM_POLICY_LINKS)

    private fun conditions(filter: PolicyLinkFilter) = Conditions().apply {
        equal("l.id", filter.id)
        equal("l.partner", filter.partner)
        contains("p.organization_folded", filter.organization)
        equal("l.policy", filter.policy)
        contains("o.name_folded", filter.policyName)
        equal("o.group_id", filter.policyGroup)
        contains("g.name_folded", filter.policyGroupName)
        equal("l.state", filter.state)
    }

    // License keys

    override fun licenseKey(id: LicenseKeyId) = one("$SELECT_LICENSE_KEYS WHERE k.id = ?", id) { licenseKeyRow() }

    override fun findByDigest(digest: LicenseKeyDigest) = one(
        """SELECT k.*, p.organization, p.state AS partner_state, o.allow_auth, o.allow_kyc, o.trust_token,
               o.allow_binding, o.state AS policy_state, o.valid_until, g.state AS group_state,
               EXISTS (SELECT 1 FROM policy_links l WHERE l.partner = k.partner AND l.policy = k.policy AND l.state = ?)
               AS link_approved
           $FROM_LICENSE_KEYS WHERE k.digest = ?""",
        PolicyLinkState.APPROVED, digest,
    ) {
        AuthenticationRecord(
            uuid("id"), text("digest"), text("name"), enum<LicenseKeyState>("state"), instant("expires_at"),
            instantOrNull("overlap_ends_at"), text("partner"), text("organization"),
            enum<PartnerState>("partner_state"),
            uuidOrNull("policy")?.let { policy ->
                AuthenticationPolicy(
                    policy,
                    PolicyPermissions(bool("allow_auth"), bool("allow_kyc"), bool("trust_token"), bool("allow_binding")),
                    enum<PolicyState>("policy_state"), instantOrNull("valid_until"),
                    enum<PolicyGroupState>("group_state"), bool("link_approved"),
                )
            },
        )
    }

    override fun liveLicenseKeyNamed(partner: PartnerId, name: LicenseKeyName) = one(
        "SELECT id FROM license_keys WHERE partner = ? AND name_folded = ? AND state = ?",
        partner, foldCase(name), LicenseKeyState.ACTIVE,
    ) { uuid("id") }

    override fun licenseKeysToDeactivate(partner: PartnerId) = all(
        "SELECT * FROM license_keys WHERE partner = ? AND state <> ? ORDER BY id", partner, LicenseKeyState.DEACTIVATED,
    ) { licenseKey() }

    override fun listLicenseKeys(query: LicenseKeyQuery): List<LicenseKeyRow> {
        val column = when (query.sort) {
            LicenseKeySort.PARTNER -> "p.id_folded"
            LicenseKeySort.ORGANIZATION -> "p.organization_folded"
            LicenseKeySort.POLICY_GROUP -> "coalesce(g.name_folded, '')"
            LicenseKeySort.POLICY -> "coalesce(o.name_folded, '')"
            LicenseKeySort.NAME -> "k.name_folded"
            LicenseKeySort.CREATED_AT -> "k.created_at"
            LicenseKeySort.EXPIRES_AT -> "k.expires_at"
        }
        return conditions(query.filter, query.now)
            .page(SELECT_LICENSE_KEYS, column, "k.id", query.direction, query.after, query.limit) { licenseKeyRow() }
    }

    override fun countLicenseKeys(filter: LicenseKeyFilter, now: Timestamp) =
        conditions(filter, now).count(FROM_LICENSE_KEYS)

    private fun conditions(filter: LicenseKeyFilter, now: Instant) = Conditions().apply {
        equal("k.id", filter.id)
        equal("k.partner", filter.partner)
        contains("p.organization_folded", filter.organization)
        equal("o.group_id", filter.policyGroup)
        contains("g.name_folded", filter.policyGroupName)
        equal("k.policy", filter.policy)
        contains("o.name_folded", filter.policyName)
        contains("k.name_folded", filter.name)
        within("k.expires_at", filter.expires)
        // Whether a key has expired is a matter of the clock: of active keys, those whose end has come.
        when (filter.status) {
            null -> {}
            LicenseKeyStatus.ACTIVE -> { equal("k.state", LicenseKeyState.ACTIVE); compare("k.expires_at", ">", now) }
            LicenseKeyStatus.EXPIRED -> { equal("k.state", LicenseKeyState.ACTIVE); compare("k.expires_at", "<=", now) }
            LicenseKeyStatus.REPLACED -> equal("k.state", LicenseKeyState.REPLACED)
            LicenseKeyStatus.DEACTIVATED -> equal("k.state", LicenseKeyState.DEACTIVATED)
        }
    }

    // Events

    override fun eventsAfter(after: EventSequence, limit: Int) =
        all("SELECT * FROM events WHERE sequence > ? ORDER BY sequence LIMIT ?", after, limit) {
            val sequence = long("sequence")
            val facts = all("SELECT name, value FROM event_facts WHERE sequence = ?", sequence) { text("name") to text("value") }
            val event = NewEvent(
                instant("at"), text("actor"), enum<EventKind>("kind"),
                RecordId(text("subject_kind"), text("subject_id")), long("version"), textOrNull("partner"),
                textOrNull("old_state"), textOrNull("new_state"), facts.toMap(),
            )
            Event(sequence, event)
        }

    // Commits

    override fun commit(changes: ChangeSet) = lock.withLock {
        connection.autoCommit = false
        try {
            changes.changes.forEach(::apply)
            changes.events.forEach { tell(it) }
            connection.commit()
        } catch (e: Throwable) {
            connection.rollback()
            throw (e as? SQLException)?.let(::violated) ?: e
        } finally {
            connection.autoCommit = true
        }
    }

    private fun apply(change: Change) = when (change) {
        is Change.Insert -> change.record.let { insert(it.table(), it.value()) }
        is Change.Update -> change.record.let { update(it.table(), it.value()) }
        is Change.Expect -> {
            val table = TABLES.first { it.kind == change.record.kind }
            val found = versionOf(table, change.record.id)
            if (found != change.version) throw StoreException.Conflict(change.record, change.version, found)
            Unit
        }
        is Change.RestoreEvent -> {
            if (change.event.sequence <= lastEvent()) throw StoreException.Duplicate(Unique.EVENT_SEQUENCE)
            tell(change.event.event, change.event.sequence)
        }
    }

    private fun <T> insert(table: Table<T>, record: T) {
        val names = table.columns.joinToString { it.first }
        val places = table.columns.joinToString { "?" }
        write("INSERT INTO ${table.name} ($names) VALUES ($places)", table.columns.map { it.second(record) })
    }

    private fun <T> update(table: Table<T>, record: T) {
        val assignments = table.columns.joinToString { "${it.first} = ?" }
        val (key, required) = table.key(record) to table.version(record) - 1
        val values = table.columns.map { it.second(record) } + key + required
        if (write("UPDATE ${table.name} SET $assignments WHERE id = ? AND version = ?", values) == 0) {
            throw StoreException.Conflict(RecordId(table.kind, key.toString()), required, versionOf(table, key))
        }
    }

    private fun versionOf(table: Table<*>, key: Any) =
        one("SELECT version FROM ${table.name} WHERE id = ?", key) { long("version") }

    private fun lastEvent() = all("SELECT coalesce(max(sequence), 0) AS last FROM events") { long("last") }.single()

    private fun tell(event: NewEvent, place: Long = lastEvent() + 1) {
        val columns = "sequence, at, actor, kind, subject_kind, subject_id, version, partner, old_state, new_state"
        write(
            "INSERT INTO events ($columns) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            listOf(
                place, event.at, event.actor, event.kind, event.subject.kind, event.subject.id, event.version, event.partner,
                event.oldState, event.newState,
            ),
        )
        event.facts.forEach { (name, value) ->
            write("INSERT INTO event_facts VALUES (?, ?, ?)", listOf(place, name, value))
        }
    }

    /** What a violated constraint means; null for any other failure. */
    private fun violated(e: SQLException): StoreException? {
        val message = e.message.orEmpty()
        if ("FOREIGN KEY constraint failed" in message) return StoreException.MissingReference("a foreign key")
        val columns = message.substringAfter("constraint failed: ", "").substringBefore(")")
        if (columns.isEmpty()) return null
        return StoreException.Duplicate(UNIQUES[columns] ?: Unique.RECORD_ID)
    }

    // SQL

    private fun write(sql: String, values: List<Any?>): Int = connection.prepareStatement(sql).use { statement ->
        values.forEachIndexed { index, value -> statement.setObject(index + 1, bound(value)) }
        statement.executeUpdate()
    }

    private fun <R> all(sql: String, vararg values: Any?, read: Fields.() -> R): List<R> = lock.withLock {
        connection.prepareStatement(sql).use { statement ->
            values.forEachIndexed { index, value -> statement.setObject(index + 1, bound(value)) }
            statement.executeQuery().use { rows ->
                buildList { while (rows.next()) add(Fields(rows).read()) }
            }
        }
    }

    private fun <R> one(sql: String, vararg values: Any?, read: Fields.() -> R): R? =
        all(sql, *values, read = read).firstOrNull()

    private fun count(from: String, vararg values: Any?): Long =
        all("SELECT count(*) AS number $from", *values) { long("number") }.single()

    /** Conditions that all must hold. */
    private inner class Conditions {
        private val sql = mutableListOf("1")
        private val values = mutableListOf<Any?>()

        fun equal(column: String, value: Any?) {
            if (value != null) add("$column = ?", value)
        }

        /** The filter's text is case-folded already. */
        fun contains(column: String, text: String?) {
            if (text != null) add("instr($column, ?) > 0", text)
        }

        fun compare(column: String, operator: String, instant: Instant) = add("$column $operator ?", instant)

        fun within(column: String, range: TimeRange?) {
            if (range != null) add("$column BETWEEN ? AND ?", range.from, range.to)
        }

        fun status(column: String, status: CertificateStatus?, now: Instant) {
            val soon = now + Duration.ofDays(30)
            when (status) {
                null -> {}
                CertificateStatus.NONE -> add("$column IS NULL")
                CertificateStatus.EXPIRED -> add("$column < ?", now)
                CertificateStatus.EXPIRING -> add("$column BETWEEN ? AND ?", now, soon)
                CertificateStatus.VALID -> add("$column > ?", soon)
            }
        }

        private fun add(condition: String, vararg of: Any) {
            sql += condition
            values.addAll(of)
        }

        fun <R> page(
            select: String, column: String, id: String, direction: Direction, after: Position?, limit: Int,
            read: Fields.() -> R,
        ): List<R> {
            val (order, beyond) = if (direction == Direction.ASCENDING) "ASC" to ">" else "DESC" to "<"
            if (after != null) {
                val value: Any = when (val value = after.value) {
                    is SortValue.Text -> value.text
                    is SortValue.Time -> value.instant
                }
                add("($column, $id) $beyond (?, ?)", value, after.id)
            }
            val where = sql.joinToString(" AND ")
            return all("$select WHERE $where ORDER BY $column $order, $id $order LIMIT $limit", *values.toTypedArray(), read = read)
        }

        fun count(from: String): Long = count("$from WHERE ${sql.joinToString(" AND ")}", *values.toTypedArray())
    }
}

private const val LATEST = 253_402_207_199_999_999L

private const val FROM_PARTNERS = """FROM partners p LEFT JOIN policy_groups g ON g.id = p.policy_group
    LEFT JOIN partner_certificates c ON c.id = p.certificate"""
private const val FROM_POLICIES = "FROM policies o JOIN policy_groups g ON g.id = o.group_id"
private const val FROM_POLICY_LINKS = """FROM policy_links l JOIN partners p ON p.id = l.partner
    JOIN policies o ON o.id = l.policy JOIN policy_groups g ON g.id = o.group_id"""
private const val FROM_LICENSE_KEYS = """FROM license_keys k JOIN partners p ON p.id = k.partner
    LEFT JOIN policies o ON o.id = k.policy LEFT JOIN policy_groups g ON g.id = o.group_id"""
private const val SELECT_LICENSE_KEYS = """SELECT k.*, p.organization, p.state AS partner_state, o.name AS policy_name,
    o.group_id AS policy_group, g.name AS policy_group_name $FROM_LICENSE_KEYS"""
