package io.github.misponboarding

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** What is PostgreSQL's alone; the guide is run on it too. */
class PostgresTest {
    private fun on(schema: String) = World(
        open = { rules, clock -> Onboarding.open(PostgresServer.url, rules, clock, schema = schema, connections = 2) },
    )

    @Test
    fun `a schema keeps what was done, and another knows nothing of it`() {
        val (one, other) = List(2) { PostgresServer.newSchema() }
        val key = on(one).use {
            it.activePartner("bank")
            it.licenseKey("bank").first
        }
        on(one).use { assertTrue(it.onboarding.authenticate(key) is Verdict.Authorized) }
        on(other).use {
            assertEquals("authenticate.unknown", (it.onboarding.authenticate(key) as Verdict.Refused).code)
            assertEquals(0, it.onboarding.events(it.admin).size)
        }
    }

    private fun failed(url: String, schema: String? = null, tlsRoots: ByteArray? = null): OnboardingException.StoreFailed {
        val failed = assertThrows(OnboardingException.StoreFailed::class.java) { Onboarding.open(url, schema = schema, tlsRoots = tlsRoots) }
        assertEquals(ErrorKind.STORE, failed.kind)
        assertNull(failed.cause)
        assertFalse("secret" in failed.detail, failed.detail)
        return failed
    }

    @Test
    fun `a server that cannot be reached is unavailable`() {
        assertEquals("store.unavailable", failed("postgresql://ana:secret@127.0.0.1:1/none").code)
    }

    @Test
    fun `what cannot be tried is a failure of its own, and shows no password`() {
        for (url in listOf("postgresql://ana:secret@localhost:port/db", "postgres://ana:secret@localhost/db?sslmode=require")) {
            assertEquals("store.backend", failed(url).code, url)
        }
        assertEquals("store.backend", failed(PostgresServer.url, schema = "").code)
        assertEquals("store.backend", failed("postgresql://ana:secret@127.0.0.1:1/none", tlsRoots = "none".toByteArray()).code)
    }

    @Test
    fun `what is for postgresql alone is refused elsewhere`() {
        val calls = listOf<() -> Onboarding>(
            { Onboarding.open("sqlite://", schema = "mine") },
            { Onboarding.open("sqlite://", connections = 2) },
            { Onboarding.open("sqlite://", tlsRoots = ByteArray(0)) },
        )
        for (call in calls) {
            val refused = assertThrows(OnboardingException.InvalidArgument::class.java) { call() }
            assertTrue("a postgresql URL" in refused.detail, refused.detail)
        }
    }
}
