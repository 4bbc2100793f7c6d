package io.github.misponboarding

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Test
import java.time.Duration

class ListsTest {
    @Test
    fun `pages follow each other in every direction and miss nothing`() = world {
        val ids = (1..23).map { "partner-%02d".format(it) }
        ids.forEach {
            onboarding.createPartner(admin, newPartner(it))
            clock.advance(Duration.ofSeconds(1))
        }
        assertEquals(ids.takeLast(8).reversed(), onboarding.listPartners(admin).items.map { it.partner.id })
        for (direction in Direction.entries) {
            val found = mutableListOf<String>()
            var after: Cursor? = null
            do {
                val page = onboarding.listPartners(
                    admin,
                    PartnerListRequest(sort = PartnerSort.ID, direction = direction, pageSize = 10, after = after, withTotal = true),
                )
                assertEquals(23, page.total)
                found += page.items.map { it.partner.id }
                after = page.next
            } while (after != null)
            assertEquals(if (direction == Direction.ASCENDING) ids else ids.reversed(), found)
        }
    }

    @Test
    fun `filters and together, and take names to the letter`() = world {
        trustCas()
        onboarding.createPartner(admin, newPartner("bank").copy(organization = "100% Bank"))
        onboarding.createPartner(admin, newPartner("shop").copy(organization = "100 Shops"))
        fun found(filter: PartnerFilter) = onboarding.listPartners(admin, PartnerListRequest(filter)).items.map { it.partner.id }
        assertEquals(listOf("bank"), found(PartnerFilter(organization = "0% b")))
        assertEquals(listOf("shop"), found(PartnerFilter(organization = "100", email = "SHOP@example.org")))
        assertEquals(emptyList<String>(), found(PartnerFilter(organization = "100%", id = "shop")))
        assertEquals(listOf("shop", "bank"), found(PartnerFilter(state = PartnerState.INACTIVE, certificateStatus = CertificateStatus.NONE)))
        assertNull(onboarding.listPartners(admin).total)
    }

    @Test
    fun `each list answers with its rows`() = world {
        val (_, policy) = readyPartner("bank")
        val (_, view) = licenseKey("bank", policy = policy.id)
        val groups = onboarding.listPolicyGroups(admin, PolicyGroupListRequest(sort = PolicyGroupSort.NAME))
        assertEquals(policy.group, groups.items.single().id)
        assertEquals("Group of Policy of bank", onboarding.listPolicies(admin, PolicyListRequest(PolicyFilter(state = PolicyState.ACTIVE))).items.single().groupName)
        assertEquals(ORGANIZATION, onboarding.listPolicyLinks(admin, PolicyLinkListRequest(PolicyLinkFilter(partner = "bank"))).items.single().organization)
        val keys = onboarding.listLicenseKeys(
            admin,
            LicenseKeyListRequest(LicenseKeyFilter(status = LicenseKeyStatus.ACTIVE, expires = TimeRange(BEGIN, BEGIN + Duration.ofDays(90)))),
        )
        assertEquals(listOf(view), keys.items)
        val cas = onboarding.listCaCertificates(admin, CaCertificateListRequest(CaCertificateFilter(kind = CaKind.ROOT), CaCertificateSort.SUBJECT))
        assertEquals(certificateDetails(pki.rootPem()).single().sha256, cas.items.single().fingerprint)
        assertEquals(CertificateStatus.VALID, certificateStatus(cas.items.single().notAfter, clock.now()))
        assertEquals(view, onboarding.licenseKey(admin, view.row.key.id))
        assertEquals(PolicyLinkState.APPROVED, onboarding.listPolicyLinks(admin).items.single().link.let { onboarding.policyLink(admin, it.id).state })
    }

    @Test
    fun `what ends soon comes soonest first`() = world {
        activePartner("bank")
        licenseKey("bank", "one")
        assertEquals(0, onboarding.expiringLicenseKeys(admin).items.size)
        assertEquals(1, onboarding.expiringLicenseKeys(admin, ExpiringRequest(windowDays = 90)).items.size)
        assertEquals(1, onboarding.expiringPartnerCertificates(admin, ExpiringRequest(windowDays = 730)).items.size)
        val cas = onboarding.expiringCaCertificates(admin, ExpiringRequest(windowDays = 7_300))
        assertEquals(listOf(CaKind.INTERMEDIATE, CaKind.ROOT), cas.items.map { it.kind })
    }

    @Test
    fun `requests that cannot be answered are refused with what they need`() = world {
        val size = assertThrows(OnboardingException.PageSize::class.java) { onboarding.listPartners(admin, PartnerListRequest(pageSize = 101)) }
        assertEquals(Triple(1, 100, 101), Triple(size.min, size.max, size.found))
        assertThrows(OnboardingException.PageSize::class.java) { onboarding.listPartners(admin, PartnerListRequest(pageSize = -3)) }
        repeat(2) { onboarding.createPartner(admin, newPartner("p$it")) }
        val next = onboarding.listPartners(admin, PartnerListRequest(pageSize = 1)).next
        val foreign = assertThrows(OnboardingException.ForeignCursor::class.java) {
            onboarding.listPartners(admin, PartnerListRequest(sort = PartnerSort.ID, after = next))
        }
        assertEquals("partner.id descending", foreign.required)
        assertThrows(OnboardingException.ForeignCursor::class.java) { onboarding.listLicenseKeys(admin, LicenseKeyListRequest(after = next)) }
        assertThrows(OnboardingException.MalformedCursor::class.java) { onboarding.listPartners(admin, PartnerListRequest(after = "AAAA")) }
        val window = assertThrows(OnboardingException.Window::class.java) { onboarding.expiringLicenseKeys(admin, ExpiringRequest(windowDays = 0)) }
        assertEquals("list.window", window.code)
    }
}
