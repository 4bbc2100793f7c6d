package io.github.misponboarding

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.util.concurrent.Callable
import java.util.concurrent.CyclicBarrier
import java.util.concurrent.Executors

/** Objects that the native library owns: closed, shared, used a great many times. */
class ObjectsTest {
    @Test
    fun `an object is closed twice and says so when it is used afterwards`() = world {
        activePartner("bank")
        val (key, _) = licenseKey("bank")
        val other = Onboarding.inMemory()
        other.close()
        other.close()
        val calls = listOf<() -> Any?>(
            { other.partner(admin, "bank") },
            { other.authenticate(key) },
            { other.authenticateAt(key, BEGIN) },
            { other.inspectCertificate(admin, "bank", ByteArray(0)) },
            { other.rules() },
        )
        for (call in calls) {
            val thrown = assertThrows(IllegalStateException::class.java) { call() }
            assertEquals("Onboarding object has already been destroyed", thrown.message)
        }
        val parsed = LicenseKey.parse(key)
        assertEquals("LicenseKey(elided)", parsed.toString())
        assertEquals(key, parsed.reveal())
        assertEquals(key.takeLast(4), parsed.last4())
        repeat(2) { parsed.close() }
        assertThrows(IllegalStateException::class.java) { parsed.reveal() }
        assertThrows(IllegalStateException::class.java) { onboarding.importLicenseKeys(admin, listOf(ImportLicenseKey(parsed, "bank", "n", BEGIN))) }
        Unit
    }

    @Test
    fun `a key shows itself nowhere but where it is asked to`() = world {
        activePartner("bank")
        val generated = onboarding.generateLicenseKey(admin, GenerateLicenseKey("bank", "production"))
        val key = generated.key.reveal()
        assertFalse(key in generated.toString() || key in generated.key.toString())
        assertFalse(key in onboarding.toString() || key in onboarding.events(admin).toString())
        val sha256 = java.security.MessageDigest.getInstance("SHA-256").digest(key.toByteArray()).joinToString("") { "%02x".format(it) }
        assertEquals(sha256, generated.key.digest())
        assertEquals(sha256, generated.view.row.key.digest)
        assertFalse(sha256 == generated.key.digest(ByteArray(32)))
        assertThrows(OnboardingException.InvalidArgument::class.java) { generated.key.digest(ByteArray(31)) }
        generated.use { }
        assertThrows(IllegalStateException::class.java) { generated.key.reveal() }
        Unit
    }

    @Test
    fun `eight threads share an object, and closing it under them does no harm`() = world {
        activePartner("bank")
        val (key, _) = licenseKey("bank")
        val certificate = pki.issue(ORGANIZATION)
        val start = CyclicBarrier(8)
        val pool = Executors.newFixedThreadPool(8)
        try {
            val tasks = (0 until 8).map { number ->
                Callable {
                    start.await()
                    repeat(200) { round ->
                        when (number % 4) {
                            0 -> assertTrue(onboarding.authenticate(key) is Verdict.Authorized)
                            1 -> assertTrue(onboarding.inspectCertificate(admin, "bank", certificate).accepted)
                            2 -> onboarding.createPartner(admin, newPartner("p-$number-$round"))
                            else -> assertTrue(onboarding.listPartners(admin).items.size in 1..8)
                        }
                    }
                }
            }
            pool.invokeAll(tasks).forEach { it.get() }
            assertEquals(401, onboarding.listPartners(admin, PartnerListRequest(withTotal = true)).total)

            val shared = Onboarding.inMemory()
            val closing = (0 until 8).map { number ->
                Callable {
                    start.await()
                    repeat(200) { round ->
                        if (number == 0 && round == 100) shared.close()
                        try {
                            shared.authenticate(key)
                        } catch (e: IllegalStateException) {
                            assertEquals("Onboarding object has already been destroyed", e.message)
                        }
                    }
                }
            }
            pool.invokeAll(closing).forEach { it.get() }
        } finally {
            pool.shutdownNow()
        }
    }

    @Test
    fun `a hundred thousand calls leave no memory behind`() = world {
        activePartner("bank")
        val (key, view) = licenseKey("bank")
        val failing = Onboarding.inMemory()
        fun calls(times: Int) = repeat(times) {
            onboarding.authenticate(key)
            if (it % 4 == 0) onboarding.licenseKey(admin, view.row.key.id)
            if (it % 4 == 1) LicenseKey.parse(key).close()
            if (it % 4 == 2) runCatching { failing.partner(admin, "nobody") }
            if (it % 4 == 3) onboarding.inspectCertificate(admin, "bank", ByteArray(0))
        }
        // Caches, compiled code and memory of threads come first.
        calls(20_000)
        val before = residentKilobytes()
        calls(100_000)
        val grown = residentKilobytes() - before
        // An answer that was not freed a call would be more than 100 bytes each, so more than 10 MiB.
        assertTrue(grown < 8 * 1024, "$grown KiB more")
    }

    /** What the process holds. Java's heap has one size from the start, so what grows lies outside of it. */
    private fun residentKilobytes(): Long {
        repeat(3) { System.gc() }
        return java.nio.file.Files.readAllLines(java.nio.file.Path.of("/proc/self/status"))
            .first { it.startsWith("RssAnon:") }.filter(Char::isDigit).toLong()
    }
}
