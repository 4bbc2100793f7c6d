package io.github.misponboarding

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.time.Duration

/** What needs neither an engine nor a store. */
class StatelessTest {
    private val pki = TestPki(BEGIN)
    private val leaf = pki.issue(ORGANIZATION)
    private val roots = listOf(pki.rootPem())
    private val intermediates = listOf(pki.issuingPem())

    @Test
    fun `a path is verified`() {
        val path = verifyPath(leaf, roots, PathOptions(BEGIN), intermediates)
        assertEquals(3, path.leafToRoot.size)
        assertEquals(path.details, path.leafToRoot.flatMap { certificateDetails(it) })
        assertEquals(emptyList<String>(), path.policies.orEmpty())
        TrustAnchors(roots, intermediates).use {
            assertEquals(path.details, it.verify(leaf, PathOptions(BEGIN)).details)
            assertTrue(it.validate(leaf, ORGANIZATION, BEGIN).accepted)
        }
        TrustAnchors(roots).use { assertEquals(path.details, it.verify(leaf, PathOptions(BEGIN), intermediates).details) }
    }

    @Test
    fun `why there is no path is said with the rule and what was found`() {
        val missing = assertThrows(PathException.NoValidPath::class.java) { verifyPath(leaf, roots, PathOptions(BEGIN)) }
        assertEquals("certificate.path.missing_issuer", missing.code)
        assertEquals(PathFault.MISSING_ISSUER, missing.problems.failure.fault)
        assertTrue("Test Issuing CA" in missing.problems.failure.missingIssuer!!.name)
        assertEquals(missing.detail, missing.message)
        val late = assertThrows(PathException.NoValidPath::class.java) {
            verifyPath(leaf, roots, PathOptions(BEGIN + Duration.ofDays(731)), intermediates)
        }
        assertEquals("certificate.path.expired", late.code)
        val deep = assertThrows(PathException.NoValidPath::class.java) { verifyPath(leaf, roots, PathOptions(BEGIN, maxDepth = 0), intermediates) }
        assertEquals("certificate.path.path_length", deep.code)
        val required = PathOptions(BEGIN, initialPolicies = listOf("1.2.3"), requireExplicitPolicy = true)
        assertEquals("certificate.path.policy", assertThrows(PathException.NoValidPath::class.java) { verifyPath(leaf, roots, required, intermediates) }.code)
        assertThrows(PathException.UnreadableCertificate::class.java) { verifyPath(ByteArray(3), roots, PathOptions(BEGIN)) }
        val oid = assertThrows(PathException.InvalidArgument::class.java) { verifyPath(leaf, roots, PathOptions(BEGIN, initialPolicies = listOf("policy"))) }
        assertEquals("input.invalid", oid.code)
    }

    @Test
    fun `a certificate is validated against every rule`() {
        val report = validate(leaf, roots, ORGANIZATION, BEGIN, intermediates)
        assertTrue(report.accepted, report.text)
        assertNull(report.findings.firstOrNull())
        val other = validate(leaf, roots, "example  BANK", BEGIN, intermediates)
        assertEquals(listOf("certificate.organization_differs"), other.findings.map { it.code })
        val loose = CertificateRules(organizationMatch = OrganizationMatch.LOOSE)
        assertTrue(validate(leaf, roots, "example  BANK", BEGIN, intermediates, loose).accepted)
        val strict = CertificateRules(allowedCurves = listOf("P-384"), allowedSignatureAlgorithms = listOf("SHA384withECDSA"))
        val codes = validate(leaf, roots, ORGANIZATION, BEGIN, intermediates, strict).findings.map { it.code }
        assertEquals(listOf("certificate.key", "certificate.signature_algorithm"), codes)
        assertThrows(OnboardingException.InvalidArgument::class.java) {
            validate(leaf, roots, ORGANIZATION, BEGIN, intermediates, CertificateRules(allowedCurves = listOf("P-1")))
        }
        assertEquals("certificate.unreadable_file", validate(ByteArray(0), roots, ORGANIZATION, BEGIN).findings.single().code)
    }

    @Test
    fun `keys are made and read without an engine`() {
        val key = LicenseKey.generate().use { it.reveal() }
        assertEquals(54, key.length)
        assertTrue(key.startsWith("misp_"))
        LicenseKey.parse(key).use { assertEquals(64, it.digest().length) }
    }

    @Test
    fun `what stores need is there`() {
        assertEquals("strasse", foldCase("STRAßE"))
        assertEquals(PolicyPermissions(true, false, false, false), permissionsOf(DOCUMENT))
    }
}
