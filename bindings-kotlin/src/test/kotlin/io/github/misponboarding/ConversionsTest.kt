package io.github.misponboarding

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Test
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.CsvSource
import org.junit.jupiter.params.provider.ValueSource
import java.nio.ByteBuffer
import java.time.Duration
import java.time.Instant

/** What adjusts UniFFI's own conversions. */
class ConversionsTest {
    @ParameterizedTest
    @ValueSource(strings = ["", "Example Bank", "Bänk", "株式会社", "🏦 and \u0000"])
    fun `text is read wherever it lies`(text: String) {
        val bytes = text.encodeToByteArray()
        for (empty in listOf(ByteBuffer.allocate(200), ByteBuffer.allocateDirect(200), ByteBuffer.allocate(220).position(20).slice())) {
            for (part in listOf(text, "next")) FfiConverterString.write(part, empty)
            val written = empty.flip()
            assertEquals(text, FfiConverterString.read(written))
            assertEquals(4 + bytes.size, written.position())
            assertEquals("next", FfiConverterString.read(written))
            assertEquals(0, written.remaining())
        }
    }

    @Test
    fun `text that ends too early is refused wherever it lies`() {
        for (empty in listOf(ByteBuffer.allocate(64), ByteBuffer.allocateDirect(64))) {
            val written = empty.putInt(5).put("four".encodeToByteArray()).flip()
            assertThrows(RuntimeException::class.java) { FfiConverterString.read(written) }
        }
    }

    @ParameterizedTest
    @CsvSource(
        "0, 1970-01-01T00:00:00Z",
        "1, 1970-01-01T00:00:00.000001Z",
        "-1, 1969-12-31T23:59:59.999999Z",
        "-1000000, 1969-12-31T23:59:59Z",
        "1768478400123456, 2026-01-15T12:00:00.123456Z",
        "-377705030401000000, -9999-01-01T23:59:59Z",
        "253402207200999999, 9999-12-30T22:00:00.999999Z",
    )
    fun `instants are counted in microseconds`(microseconds: Long, instant: Instant) {
        assertEquals(instant, instantOf(microseconds))
        assertEquals(microseconds, microsecondsOf(instant))
    }

    @Test
    fun `a report comes through the buffer as it comes without it`() = world {
        trustCas()
        onboarding.createPartner(admin, newPartner("bank"))
        val long = "株式会社".repeat(10_000)
        val beforeUnix = Instant.parse("1969-12-31T23:59:59Z")
        // The long report needs a larger buffer than any that is kept.
        for (organization in listOf(ORGANIZATION, "", "Bänk 🏦", long, ORGANIZATION)) {
            val file = pki.issue(organization, notBefore = beforeUnix)
            val report = onboarding.inspectCertificate(admin, "bank", file)
            assertEquals(validated(file), report)
            assertEquals(certificateDetails(file).single(), report.details)
            assertEquals(organization to beforeUnix, report.details?.organization to report.details?.notBefore)
            assertEquals(organization == ORGANIZATION, report.accepted)
        }
        val files = listOf(pki.issue(ORGANIZATION), pki.issuingPem(), TestPki(BEGIN).use { it.issue(ORGANIZATION) }, "nothing".toByteArray(), ByteArray(0))
        for (file in files) assertEquals(validated(file), onboarding.inspectCertificate(admin, "bank", file))
    }

    private fun World.validated(file: ByteArray): CertificateReport =
        validate(file, listOf(pki.rootPem()), ORGANIZATION, BEGIN, listOf(pki.issuingPem()))
}
