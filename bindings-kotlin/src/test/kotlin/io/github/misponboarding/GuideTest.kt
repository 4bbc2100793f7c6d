package io.github.misponboarding

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.EnumSource
import java.nio.file.Path
import java.time.Duration
import java.time.Instant

/** The onboarding guide from end to end, one chapter after the other. */
class GuideTest {
    @ParameterizedTest
    @EnumSource
    fun `a misp is onboarded, its key accepted, rolled over and switched off`(store: Stores, @TempDir folder: Path) = store.world(folder) {
        val upload = trustCas()
        assertTrue(upload.allAccepted, upload.text)
        val outcomes = upload.entries.map { it.outcome }
        assertTrue(outcomes[0] is CaOutcome.AddedAsRoot && outcomes[1] is CaOutcome.AddedAsIntermediate, upload.text)
        assertTrue(trustCas().entries.all { it.outcome is CaOutcome.AlreadyPresent })

        val created = onboarding.createPartner(admin, newPartner("bank"))
        assertEquals(PartnerState.INACTIVE, created.state)
        assertEquals("eng", created.language)
        assertEquals(BEGIN, created.createdAt)
        assertEquals("ana", created.createdBy)
        assertEquals(1L, created.version)

        val certificate = pki.issue(ORGANIZATION)
        val report = onboarding.inspectCertificate(admin, "bank", certificate)
        assertTrue(report.accepted, report.text)
        assertEquals(ORGANIZATION, report.details?.organization)
        assertEquals(2, report.chain.size)
        val uploaded = onboarding.uploadCertificate(admin, "bank", certificate)
        assertEquals(UploadOutcome.ACTIVATED, uploaded.outcome)
        assertEquals(PartnerState.ACTIVE, uploaded.partner.state)
        assertEquals(UploadOutcome.UNCHANGED, onboarding.uploadCertificate(admin, "bank", certificate).outcome)
        assertEquals(UploadOutcome.REPLACED, onboarding.uploadCertificate(admin, "bank", pki.issue(ORGANIZATION, notAfter = BEGIN + Duration.ofDays(900))).outcome)
        assertEquals(2, onboarding.certificateHistory(admin, "bank").size)

        val policy = publishedPolicy("Sign-in")
        onboarding.selectPolicyGroup(admin, "bank", policy.group)
        val link = onboarding.requestPolicy(admin, "bank", policy.id, "for online banking")
        assertEquals(PolicyLinkState.PENDING, link.state)
        assertEquals(PolicyLinkState.APPROVED, onboarding.approvePolicyLink(admin, link.id, "welcome").state)
        assertEquals(listOf("Sign-in"), onboarding.policiesForLicenseKey(admin, "bank").map { it.policy.name })
        assertEquals(listOf("bank"), onboarding.partnersForLicenseKey(admin).items.map { it.partner.id })

        val (key, view) = licenseKey("bank", "  main \n key ", policy.id)
        assertEquals("main key", view.row.key.name)
        assertEquals("..." + key.takeLast(4), view.maskedKey)
        assertEquals(BEGIN + Duration.ofDays(90), view.row.key.expiresAt)
        assertEquals(listOf(Action.VIEW, Action.REGENERATE, Action.DEACTIVATE), view.actions)

        val verdict = onboarding.authenticate(key)
        val authorization = (verdict as Verdict.Authorized).authorization
        assertEquals(view.row.key.id, authorization.keyId)
        assertEquals("bank", authorization.partner)
        assertEquals(ORGANIZATION, authorization.organization)
        assertEquals(policy.id, authorization.policy)
        assertEquals(PolicyPermissions(true, false, false, false), authorization.permissions)

        val successor = onboarding.regenerateLicenseKey(
            admin,
            view.row.key.id,
            RegenerateLicenseKey(validity = Validity.For(Duration.ofDays(10)), overlap = Duration.ofDays(1)),
        )
        val next = successor.use { it.key.reveal() }
        assertEquals(view.row.key.id, successor.view.row.key.replaces)
        assertTrue(onboarding.authenticate(key) is Verdict.Authorized && onboarding.authenticate(next) is Verdict.Authorized)
        clock.advance(Duration.ofDays(1))
        assertEquals("authenticate.replaced", (onboarding.authenticate(key) as Verdict.Refused).code)
        assertTrue(onboarding.authenticateAt(key, BEGIN) is Verdict.Authorized)

        assertEquals(listOf(next.takeLast(4)), onboarding.expiringLicenseKeys(admin).items.map { it.row.key.last4 })
        onboarding.deactivateLicenseKey(admin, successor.view.row.key.id)
        assertEquals("authenticate.deactivated", (onboarding.authenticate(next) as Verdict.Refused).code)

        onboarding.deactivatePartner(admin, "bank")
        assertEquals(PartnerState.DEACTIVATED, onboarding.partner(admin, "bank").state)
        val events = onboarding.events(admin)
        assertEquals(EventKind.CA_CERTIFICATE_ADDED, events.first().event.kind)
        // The partner goes first, and what is left of its keys with it.
        assertEquals(listOf(EventKind.PARTNER_DEACTIVATED, EventKind.LICENSE_KEY_DEACTIVATED), events.takeLast(2).map { it.event.kind })
        assertEquals(events.drop(3), onboarding.events(admin, events[2].sequence))
    }

    @Test
    fun `keys in use elsewhere are imported and accepted`() = world {
        activePartner("bank")
        val mosip = "A".repeat(50)
        LicenseKey.parse(mosip).use { key ->
            val views = onboarding.importLicenseKeys(
                admin,
                listOf(ImportLicenseKey(key, "bank", "from before", BEGIN + Duration.ofDays(7))),
            )
            assertEquals(LicenseKeyOrigin.IMPORTED, views.single().row.key.origin)
        }
        assertTrue(onboarding.authenticate(mosip) is Verdict.Authorized)
    }

    @Test
    fun `a distrusted ca takes its partners along`() = world {
        activePartner("bank")
        val (root, issuing) = onboarding.listCaCertificates(admin).items.sortedBy { it.kind }
        assertEquals(listOf("bank"), onboarding.partnersRelyingOn(admin, root.id))
        val chain = onboarding.caChain(admin, issuing.id)
        assertEquals(listOf(issuing.id, root.id), chain.certificates.map { it.id })
        assertEquals(2, certificateDetails(chain.pkcs7).size)
        val distrusted = onboarding.distrustCaCertificate(admin, root.id, "stolen")
        assertEquals(listOf("bank"), distrusted.affectedPartners)
        assertEquals(CaState.DISTRUSTED, onboarding.caCertificate(admin, root.id).state)
        assertFalse(onboarding.inspectCertificate(admin, "bank", pki.issue(ORGANIZATION)).accepted)
    }

    @Test
    fun `an sqlite file keeps what was done`(@TempDir folder: Path) {
        val url = "sqlite:///${folder.resolve("onboarding.db")}"
        val key = World(open = { rules, clock -> Onboarding.open(url, rules, clock) }).use {
            it.activePartner("bank")
            it.licenseKey("bank").first
        }
        World(open = { rules, clock -> Onboarding.open(url, rules, clock) }).use {
            assertTrue(it.onboarding.authenticate(key) is Verdict.Authorized)
        }
    }

    @Test
    fun `keys made under a pepper are unknown without it`(@TempDir folder: Path) {
        val url = "sqlite:///${folder.resolve("onboarding.db")}"
        val pepper = ByteArray(32) { it.toByte() }
        val key = World(open = { rules, clock -> Onboarding.open(url, rules, clock, pepper) }).use {
            it.activePartner("bank")
            it.licenseKey("bank").first
        }
        World(open = { rules, clock -> Onboarding.open(url, rules, clock) }).use {
            assertEquals("authenticate.unknown", (it.onboarding.authenticate(key) as Verdict.Refused).code)
        }
    }

    @Test
    fun `instants are kept to the microsecond and cut off below`() = world {
        clock.set(Instant.parse("2026-01-15T12:00:00.123456789Z"))
        val partner = onboarding.createPartner(admin, newPartner("bank"))
        assertEquals(Instant.parse("2026-01-15T12:00:00.123456Z"), partner.createdAt)
        clock.set(Instant.parse("1969-12-31T23:59:59.999999999Z"))
        assertEquals(Instant.parse("1969-12-31T23:59:59.999999Z"), onboarding.createPartner(admin, newPartner("other")).createdAt)
        clock.set(Instant.MIN)
        assertEquals(Instant.parse("-9999-01-02T01:59:59Z"), onboarding.createPartner(admin, newPartner("early")).createdAt)
        clock.set(Instant.MAX)
        assertEquals(Instant.parse("9999-12-30T21:59:59.999999Z"), onboarding.createPartner(admin, newPartner("late")).createdAt)
    }

    @Test
    fun `rules that are not given have their defaults`() = world(Rules(licenseKey = LicenseKeyRules(maxOverlapDays = 3))) {
        val rules = onboarding.rules()
        assertEquals(listOf("eng", "fra", "ara"), rules.languages)
        assertEquals(335, rules.certificate.minDaysLeft)
        assertEquals(3, rules.licenseKey.maxOverlapDays)
        assertEquals(90, rules.licenseKey.defaultValidityDays)
    }

    @Test
    fun `a partner and a draft are changed where they may be`() = world {
        onboarding.createPartner(admin, newPartner("bank"))
        val updated = onboarding.updatePartner(admin, "bank", PartnerUpdate(address = "2 Harbor Street"))
        assertEquals("2 Harbor Street" to "bank@example.org", updated.address to updated.email)
        assertFalse("Harbor" in updated.toString() || "example.org" in newPartner("bank").toString(), updated.toString())

        val draft = onboarding.createPolicy(manager, NewPolicy(group("Banks").id, "Draft", "For now", DOCUMENT, BEGIN + Duration.ofDays(1)))
        assertEquals(BEGIN + Duration.ofDays(1), draft.validUntil)
        val edited = onboarding.editPolicy(manager, draft.id, PolicyEdit(name = "Edited", withoutEnd = true))
        assertEquals("Edited", edited.name)
        assertNull(edited.validUntil)
        assertEquals(draft.document, edited.document)
        val published = onboarding.publishPolicy(manager, draft.id)
        assertEquals(PolicyState.DEACTIVATED, onboarding.deactivatePolicy(manager, published.id).state)
        assertEquals(PolicyGroupState.DEACTIVATED, onboarding.deactivatePolicyGroup(manager, published.group).state)
        assertEquals(published.id, onboarding.policy(manager, published.id).id)
        assertEquals("Banks", onboarding.policyGroup(manager, published.group).name)
    }
}
