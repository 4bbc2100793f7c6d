package io.github.misponboarding

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.time.Duration

/** What a finding is about is its class. */
class FindingsTest {
    /** Needs no `else`: there are no others. */
    private fun about(finding: Finding): String = when (finding) {
        is Finding.OfFile -> "the file"
        is Finding.OfCertificate -> finding.certificate.subject
        is Finding.OfPath -> "${finding.certificate.subject} on a path of ${finding.path.failure.path.size}"
    }

    @Test
    fun `a file that cannot be read`() = world {
        onboarding.createPartner(admin, newPartner("bank"))
        val report = onboarding.inspectCertificate(admin, "bank", "nothing".toByteArray())
        val finding = report.findings.single()
        assertEquals("the file", about(finding))
        assertEquals("certificate.unreadable_file" to "KER-KMS-013", finding.code to finding.pmsCode)
        assertEquals(Triple(Severity.ERROR, true, "file forms"), Triple(finding.severity, finding.isError, finding.rule))
        assertEquals("error ${finding.code}: ${finding.required} needed, found ${finding.found} [${finding.rule}]", finding.text)
        assertEquals(listOf(finding), onboarding.inspectCertificate(admin, "bank", "nothing".toByteArray()).findings)
    }

    @Test
    fun `what a certificate says of itself`() = world {
        activePartner("bank")
        val report = onboarding.inspectCertificate(admin, "bank", pki.issue("Other", notAfter = BEGIN + Duration.ofDays(20)))
        val findings = report.findings.associateBy { it.code }
        assertEquals(
            setOf("certificate.validity_too_short", "certificate.expires_soon", "certificate.organization_differs"),
            findings.keys,
        )
        for (finding in report.findings) {
            assertEquals(report.details?.subject, about(finding))
            assertEquals(report.details?.sha256, (finding as Finding.OfCertificate).certificate.sha256)
            assertTrue(finding.text in report.text!! || finding.required in report.text!!, report.text)
        }
        // Whether it refuses the certificate is another question than what it is about.
        val soon = findings.getValue("certificate.expires_soon")
        assertEquals(Severity.WARNING to false, soon.severity to soon.isError)
        val differs = findings.getValue("certificate.organization_differs")
        assertEquals(Triple("KER-PCM-008", true, Severity.ERROR), Triple(differs.pmsCode, differs.isError, differs.severity))
        assertTrue(ORGANIZATION in differs.required && "Other" in differs.found, differs.text)
    }

    @Test
    fun `a path that does not reach a root`() {
        val pki = TestPki(BEGIN)
        val leaf = pki.issue(ORGANIZATION)
        val finding = validate(leaf, listOf(pki.rootPem()), ORGANIZATION, BEGIN).findings.single() as Finding.OfPath
        assertEquals("${certificateDetails(leaf).single().subject} on a path of 1", about(finding))
        assertEquals("certificate.path.missing_issuer" to "KER-PCM-006", finding.code to finding.pmsCode)
        assertEquals(PathFault.MISSING_ISSUER, finding.path.failure.fault)
        assertEquals(finding.certificate, finding.path.failure.certificate)
        assertTrue("Test Issuing CA" in finding.path.failure.missingIssuer!!.name)
        assertEquals(finding.rule to finding.found, finding.path.failure.rule to finding.path.failure.found)
    }

    @Test
    fun `a ca certificate that is rejected`() = world {
        val alone = onboarding.uploadCaCertificates(admin, "AUTH", pki.issuingPem()).entries.single()
        val noRoot = (alone.outcome as CaOutcome.Rejected).findings.single()
        assertTrue(noRoot is Finding.OfPath, noRoot.text)
        assertEquals("KER-PCM-005", noRoot.pmsCode)
        val leaf = onboarding.uploadCaCertificates(admin, "AUTH", pki.issue(ORGANIZATION)).entries.single()
        val rejected = (leaf.outcome as CaOutcome.Rejected).findings
        assertTrue(rejected.any { it is Finding.OfCertificate && it.code == "certificate.not_ca" }, "$rejected")
        assertFalse(rejected.any { it is Finding.OfFile }, "$rejected")
    }
}
