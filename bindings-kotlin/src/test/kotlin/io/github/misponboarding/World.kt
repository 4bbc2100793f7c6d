package io.github.misponboarding

import io.github.misponboarding.testing.ManualClock
import java.time.Instant

/** When worlds begin. */
val BEGIN: Instant = Instant.parse("2026-01-15T12:00:00Z")

const val ORGANIZATION = "Example Bank"

const val DOCUMENT = """{"allowAuthRequestDelegation": true, "allowKycRequestDelegation": false}"""

/** An engine with a test PKI, a clock set by hand and somebody in each role. */
class World(open: (Rules, Clock) -> Onboarding = { rules, clock -> Onboarding.inMemory(rules, clock) }, rules: Rules = Rules()) :
    AutoCloseable {
    val clock = ManualClock(BEGIN)
    val pki = TestPki(BEGIN)
    val admin = Actor("ana", listOf(Role.PARTNER_ADMIN))
    val manager = Actor("max", listOf(Role.POLICY_MANAGER))
    val onboarding = open(rules, clock)

    override fun close() {
        onboarding.close()
        pki.close()
    }

    fun newPartner(id: String) = NewPartner(
        id = id,
        organization = ORGANIZATION,
        address = "1 Harbor Street",
        contactNumber = "+1 (555) 0100",
        email = "$id@example.org",
    )

    fun trustCas() = onboarding.uploadCaCertificates(admin, "AUTH", pki.caPem())

    /** A partner with an accepted certificate. */
    fun activePartner(id: String): Partner {
        trustCas()
        onboarding.createPartner(admin, newPartner(id))
        return onboarding.uploadCertificate(admin, id, pki.issue(ORGANIZATION)).partner
    }

    fun publishedPolicy(name: String, validUntil: Instant? = null, group: PolicyGroup = group("Group of $name")): Policy {
        val draft = onboarding.createPolicy(manager, NewPolicy(group.id, name, "What it is for", DOCUMENT, validUntil))
        return onboarding.publishPolicy(manager, draft.id)
    }

    fun group(name: String): PolicyGroup = onboarding.createPolicyGroup(manager, NewPolicyGroup(name, "What it is for"))

    /** A partner with an accepted certificate and an approved policy. */
    fun readyPartner(id: String, policy: Policy = publishedPolicy("Policy of $id")): Pair<Partner, Policy> {
        activePartner(id)
        onboarding.selectPolicyGroup(admin, id, policy.group)
        val link = onboarding.requestPolicy(admin, id, policy.id, "for online banking")
        onboarding.approvePolicyLink(admin, link.id)
        return onboarding.partner(admin, id) to policy
    }

    /** A license key in clear, and its record. */
    fun licenseKey(partner: String, name: String = "production", policy: PolicyId? = null): Pair<String, LicenseKeyView> =
        onboarding.generateLicenseKey(admin, GenerateLicenseKey(partner, name, policy)).use { it.key.reveal() to it.view }
}

/** Runs the block with a world of its own. */
fun <R> world(rules: Rules = Rules(), block: World.() -> R): R = World(rules = rules).use(block)
