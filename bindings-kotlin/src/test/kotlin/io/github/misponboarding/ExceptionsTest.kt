package io.github.misponboarding

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.lang.reflect.Proxy
import java.time.Duration
import java.util.UUID

/** Everything that calls can throw, with code, MOSIP's code, kind and facts. */
class ExceptionsTest {
    private val seen = mutableSetOf<String>()

    private inline fun <reified E : OnboardingException> throws(
        code: String, pmsCode: String?, kind: ErrorKind, call: () -> Any?,
    ): E {
        val thrown = runCatching(call).exceptionOrNull()
        assertTrue(thrown is E, "${E::class} expected, found $thrown")
        thrown as E
        assertEquals(Triple(code, pmsCode, kind), Triple(thrown.code, thrown.pmsCode, thrown.kind))
        // The message is Rust's: it has no field names and no line breaks.
        assertEquals(thrown.detail, thrown.message)
        assertFalse("detail=" in thrown.detail || "\n" in thrown.detail, thrown.detail)
        seen += E::class.simpleName!!
        return thrown
    }

    private val nobody = UUID(0, 7)

    @Test
    fun `every exception says which rule, what it needs and what was found`() {
        partners()
        certificates()
        policies()
        links()
        keys()
        lists()
        stores()
        // Neither the operating system's generator nor a later version of the engine can be had here.
        val all = OnboardingException::class.java.permittedSubclasses.map { it.simpleName }.toSet()
        assertEquals(all - setOf("RandomFailed", "Other"), seen)
    }

    private fun partners() = world {
        val wrong = NewPartner("1bank", "", "x", "no digits", "nobody", "xxx", nobody)
        val invalid = throws<OnboardingException.InvalidInput>("input.invalid", "PMS_COR_001", ErrorKind.INVALID_INPUT) {
            onboarding.createPartner(admin, wrong)
        }
        val codes = invalid.fields.map { it.code }
        assertEquals(
            listOf(
                "partner.id.format", "partner.organization.length", "partner.contact_number.characters",
                "partner.email.format", "partner.language.range", "partner.policy_group.unknown",
            ),
            codes,
        )
        assertEquals(Field.PARTNER_ID to FieldRule.FORMAT, invalid.fields[0].let { it.field to it.rule })
        onboarding.createPartner(admin, newPartner("bank"))
        throws<OnboardingException.InvalidInput>("input.taken", "PMS_PRT_051", ErrorKind.ALREADY_EXISTS) {
            onboarding.createPartner(admin, newPartner("BANK").copy(email = "other@example.org"))
        }
        val forbidden = throws<OnboardingException.Forbidden>("actor.forbidden", "KER-ATH-403", ErrorKind.FORBIDDEN) {
            onboarding.createPartner(manager, newPartner("other"))
        }
        assertEquals(Triple("max", listOf(Role.PARTNER_ADMIN), listOf(Role.POLICY_MANAGER)), Triple(forbidden.actor, forbidden.required, forbidden.found))
        val missing = throws<OnboardingException.PartnerNotFound>("partner.not_found", "PMS_PRT_005", ErrorKind.NOT_FOUND) {
            onboarding.partner(admin, "nobody")
        }
        assertEquals("nobody", missing.id)
        val argument = throws<OnboardingException.InvalidArgument>("input.invalid", null, ErrorKind.INVALID_INPUT) {
            onboarding.partner(admin, "")
        }
        assertEquals("PartnerId", argument.typeName)
        throws<OnboardingException.InvalidArgument>("input.invalid", null, ErrorKind.INVALID_INPUT) {
            onboarding.inspectCertificate(admin, "no id", ByteArray(0))
        }
        throws<OnboardingException.InvalidArgument>("input.invalid", null, ErrorKind.INVALID_INPUT) { Onboarding.open("oracle://") }
        onboarding.selectPolicyGroup(admin, "bank", group("One").id)
        throws<OnboardingException.PolicyGroupAlreadySelected>("partner.policy_group_already_selected", "PMS_PRT_049", ErrorKind.WRONG_STATE) {
            onboarding.selectPolicyGroup(admin, "bank", group("Two").id)
        }
        val inactive = throws<OnboardingException.PartnerNotActive>("partner.not_active", "PMS_PMP_016", ErrorKind.WRONG_STATE) {
            licenseKey("bank")
        }
        assertEquals(PartnerState.INACTIVE, inactive.found)
        onboarding.deactivatePartner(admin, "bank")
        throws<OnboardingException.PartnerAlreadyDeactivated>("partner.already_deactivated", "PMS_PM_063", ErrorKind.WRONG_STATE) {
            onboarding.deactivatePartner(admin, "bank")
        }
        throws<OnboardingException.PartnerDeactivated>("partner.deactivated", "PMS_PMP_016", ErrorKind.WRONG_STATE) {
            onboarding.updatePartner(admin, "bank", PartnerUpdate())
        }
    }

    private fun certificates() = world {
        throws<OnboardingException.CaCertificateNotFound>("ca_certificate.not_found", "KER-PMS-019", ErrorKind.NOT_FOUND) {
            onboarding.caCertificate(admin, nobody)
        }
        val domain = throws<OnboardingException.UnknownTrustDomain>("trust_store.unknown_domain", "KER-PCM-011", ErrorKind.INVALID_INPUT) {
            onboarding.uploadCaCertificates(admin, "OTHER", pki.caPem())
        }
        assertEquals(listOf("AUTH", "DEVICE", "FTM") to "OTHER", domain.allowed to domain.found)
        throws<OnboardingException.UnreadableFile>("certificate.unreadable_file", "KER-KMS-013", ErrorKind.CERTIFICATE_REJECTED) {
            onboarding.uploadCaCertificates(admin, "AUTH", "nothing".toByteArray())
        }
        activePartner("bank")
        val rejected = throws<OnboardingException.CertificateRejected>("certificate.rejected", "KER-KMS-021", ErrorKind.CERTIFICATE_REJECTED) {
            onboarding.uploadCertificate(admin, "bank", pki.issue("Other", notAfter = BEGIN + Duration.ofDays(20)))
        }
        val findings = rejected.report.findings.associateBy { it.code }
        assertEquals(
            setOf("certificate.validity_too_short", "certificate.expires_soon", "certificate.organization_differs"),
            findings.keys,
        )
        assertEquals(Severity.WARNING, findings.getValue("certificate.expires_soon").severity)
        assertFalse(rejected.report.accepted)
        val root = onboarding.listCaCertificates(admin).items.first { it.kind == CaKind.ROOT }
        clock.advance(Duration.ofDays(800))
        val ended = throws<OnboardingException.CertificateNotValid>("license_key.certificate_not_valid", "PMS_MSP_430", ErrorKind.WRONG_STATE) {
            licenseKey("bank")
        }
        assertEquals(BEGIN + Duration.ofDays(800), ended.now)
        clock.set(BEGIN)
        onboarding.distrustCaCertificate(admin, root.id, "stolen")
        throws<OnboardingException.CaCertificateNotTrusted>("ca_certificate.not_trusted", null, ErrorKind.WRONG_STATE) {
            onboarding.distrustCaCertificate(admin, root.id, "stolen")
        }
        throws<OnboardingException.CertificateNotTrusted>("license_key.certificate_not_trusted", "PMS_MSP_430", ErrorKind.WRONG_STATE) {
            licenseKey("bank")
        }
        val missing = onboarding.inspectCertificate(admin, "bank", pki.issue(ORGANIZATION)).findings.single { it.isError }
        assertEquals("certificate.path.distrusted", missing.code)
        assertEquals(PathFault.DISTRUSTED, (missing as Finding.OfPath).path.failure.fault)
    }

    private fun policies() = world {
        throws<OnboardingException.PolicyGroupNotFound>("policy_group.not_found", "PMS_PRT_002", ErrorKind.NOT_FOUND) {
            onboarding.policyGroup(admin, nobody)
        }
        throws<OnboardingException.PolicyNotFound>("policy.not_found", "PMS_PRT_073", ErrorKind.NOT_FOUND) { onboarding.policy(admin, nobody) }
        val banks = group("Banks")
        val policy = onboarding.createPolicy(manager, NewPolicy(banks.id, "One", "d", DOCUMENT, BEGIN + Duration.ofDays(1)))
        val used = throws<OnboardingException.PolicyGroupInUse>("policy_group.in_use", "PMS_POL_070", ErrorKind.WRONG_STATE) {
            onboarding.deactivatePolicyGroup(manager, banks.id)
        }
        assertEquals(PolicyCounts(1, 0), used.found)
        val draft = throws<OnboardingException.PolicyNotActive>("policy.not_active", "PMS_PMP_019", ErrorKind.WRONG_STATE) {
            onboarding.deactivatePolicy(manager, policy.id)
        }
        assertEquals(PolicyState.DRAFT, draft.found)
        clock.advance(Duration.ofDays(1))
        val ended = throws<OnboardingException.PolicyEnded>("policy.ended", "PMS_PMP_018", ErrorKind.WRONG_STATE) {
            onboarding.publishPolicy(manager, policy.id)
        }
        assertEquals(BEGIN + Duration.ofDays(1) to clock.now(), ended.endedAt to ended.now)
        clock.set(BEGIN)
        onboarding.publishPolicy(manager, policy.id)
        throws<OnboardingException.PolicyNotDraft>("policy.not_draft", "PMS_POL_020", ErrorKind.WRONG_STATE) {
            onboarding.editPolicy(manager, policy.id, PolicyEdit("Other"))
        }
        onboarding.deactivatePolicy(manager, policy.id)
        throws<OnboardingException.PolicyAlreadyDeactivated>("policy.already_deactivated", "PMS_POL_062", ErrorKind.WRONG_STATE) {
            onboarding.deactivatePolicy(manager, policy.id)
        }
        onboarding.deactivatePolicyGroup(manager, banks.id)
        throws<OnboardingException.PolicyGroupAlreadyDeactivated>("policy_group.already_deactivated", "PMS_POL_067", ErrorKind.WRONG_STATE) {
            onboarding.deactivatePolicyGroup(manager, banks.id)
        }
        throws<OnboardingException.PolicyGroupNotActive>("policy_group.not_active", "PMS_PMP_023", ErrorKind.WRONG_STATE) {
            onboarding.createPolicy(manager, NewPolicy(banks.id, "Two", "d", DOCUMENT))
        }
    }

    private fun links() = world(Rules(approverMustDiffer = true)) {
        throws<OnboardingException.PolicyLinkNotFound>("policy_link.not_found", "PMS_PMP_007", ErrorKind.NOT_FOUND) {
            onboarding.policyLink(admin, nobody)
        }
        activePartner("bank")
        val policy = publishedPolicy("One")
        throws<OnboardingException.NoPolicyGroup>("partner.no_policy_group", "PMS_PRT_047", ErrorKind.WRONG_STATE) {
            onboarding.requestPolicy(admin, "bank", policy.id, "please")
        }
        onboarding.selectPolicyGroup(admin, "bank", policy.group)
        throws<OnboardingException.ForeignPolicyGroup>("policy_link.foreign_policy_group", "PMS_PRT_098", ErrorKind.WRONG_STATE) {
            onboarding.requestPolicy(admin, "bank", publishedPolicy("Two").id, "please")
        }
        val link = onboarding.requestPolicy(admin, "bank", policy.id, "please")
        val open = throws<OnboardingException.PolicyLinkAlreadyOpen>("policy_link.already_pending", "PMS_PRT_053", ErrorKind.ALREADY_EXISTS) {
            onboarding.requestPolicy(admin, "bank", policy.id, "please")
        }
        assertEquals(link.id to PolicyLinkState.PENDING, open.link to open.found)
        throws<OnboardingException.PolicyInUse>("policy.in_use", "PMS_POL_064", ErrorKind.WRONG_STATE) {
            onboarding.deactivatePolicy(manager, policy.id)
        }
        throws<OnboardingException.ApproverIsRequester>("policy_link.approver_is_requester", null, ErrorKind.FORBIDDEN) {
            onboarding.approvePolicyLink(admin, link.id)
        }
        throws<OnboardingException.PolicyNotApproved>("license_key.policy_not_approved", "PMS_MSP_438", ErrorKind.WRONG_STATE) {
            licenseKey("bank", policy = policy.id)
        }
        onboarding.rejectPolicyLink(admin, link.id, "not yet")
        throws<OnboardingException.PolicyLinkAlreadyDecided>("policy_link.already_decided", "PMS_PM_035", ErrorKind.WRONG_STATE) {
            onboarding.rejectPolicyLink(admin, link.id)
        }
    }

    private fun keys() = world {
        throws<OnboardingException.LicenseKeyNotFound>("license_key.not_found", "PMS_MSP_441", ErrorKind.NOT_FOUND) {
            onboarding.licenseKey(admin, nobody)
        }
        activePartner("bank")
        val (text, view) = licenseKey("bank")
        onboarding.deactivateLicenseKey(admin, view.row.key.id)
        val status = throws<OnboardingException.WrongLicenseKeyStatus>("license_key.already_deactivated", "PMS_MSP_434", ErrorKind.WRONG_STATE) {
            onboarding.regenerateLicenseKey(admin, view.row.key.id)
        }
        assertEquals("active or expired" to LicenseKeyStatus.DEACTIVATED, status.required to status.found)
        fun import(vararg keys: String, partner: String = "bank") = keys.map { LicenseKey.parse(it) }.let { parsed ->
            val commands = parsed.mapIndexed { index, key -> ImportLicenseKey(key, partner, "name $index", BEGIN) }
            onboarding.importLicenseKeys(admin, commands)
        }
        val refused = throws<OnboardingException.ImportRefused>("license_key.already_imported", null, ErrorKind.ALREADY_EXISTS) { import(text) }
        assertEquals(0, refused.index)
        val twice = "B".repeat(50)
        val same = throws<OnboardingException.ImportedTwice>("license_key.imported_twice", null, ErrorKind.INVALID_INPUT) { import(twice, twice) }
        assertEquals(0 to 1, same.first to same.second)
        val nested = throws<OnboardingException.ImportRefused>("partner.not_found", "PMS_PRT_005", ErrorKind.NOT_FOUND) { import(twice, partner = "nobody") }
        assertEquals("nobody", (nested.problem as OnboardingException.PartnerNotFound).id)
        (refused.problem as OnboardingException.AlreadyImported).let {
            assertEquals(view.row.key.id, it.id)
            seen += "AlreadyImported"
        }
        val malformed = throws<OnboardingException.MalformedLicenseKey>("authenticate.malformed", null, ErrorKind.INVALID_INPUT) {
            LicenseKey.parse("short")
        }
        assertEquals(MalformedKey.Length(5), malformed.problem)
    }

    private fun lists() = world {
        throws<OnboardingException.PageSize>("list.page_size", "PMS_PRT_361", ErrorKind.INVALID_INPUT) {
            onboarding.listPartners(admin, PartnerListRequest(pageSize = 0))
        }
        throws<OnboardingException.MalformedCursor>("list.malformed_cursor", null, ErrorKind.INVALID_INPUT) {
            onboarding.listPartners(admin, PartnerListRequest(after = "AAAA"))
        }
        repeat(2) { onboarding.createPartner(admin, newPartner("p$it")) }
        val next = onboarding.listPartners(admin, PartnerListRequest(pageSize = 1)).next
        throws<OnboardingException.ForeignCursor>("list.foreign_cursor", null, ErrorKind.INVALID_INPUT) {
            onboarding.listPolicies(admin, PolicyListRequest(after = next))
        }
        throws<OnboardingException.Window>("list.window", null, ErrorKind.INVALID_INPUT) {
            onboarding.expiringLicenseKeys(admin, ExpiringRequest(windowDays = 40_000))
        }
    }

    private fun stores() {
        val busy = throwing { StoreException.Unavailable(null) }
        val failed = throws<OnboardingException.StoreFailed>("store.unavailable", null, ErrorKind.STORE) { busy.partner(ADMIN, "bank") }
        assertNull(failed.cause)
        val racing = throwing { StoreException.Conflict(RecordId("partner", "bank"), 1, 2) }
        throws<OnboardingException.StoreFailed>("store.conflict", null, ErrorKind.CONFLICT) { racing.partner(ADMIN, "bank") }
        val conflict = throws<OnboardingException.Conflict>("store.conflict", null, ErrorKind.CONFLICT) {
            racing.createPolicyGroup(Actor("max", listOf(Role.POLICY_MANAGER)), NewPolicyGroup("Banks", "d"))
        }
        assertEquals(64, conflict.attempts)
    }

    /** An engine on a store that finds nothing and throws from `partner` and `commit`. */
    private fun throwing(exception: () -> Throwable): Onboarding {
        val store = Proxy.newProxyInstance(javaClass.classLoader, arrayOf(Store::class.java)) { _, method, _ ->
            when (method.name) {
                "partner", "commit" -> throw exception()
                else -> null
            }
        }
        return Onboarding(store as Store)
    }
}

private val ADMIN = Actor("ana", listOf(Role.PARTNER_ADMIN))
