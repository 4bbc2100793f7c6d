package io.github.misponboarding

import io.github.misponboarding.examples.JdbcStore
import io.github.misponboarding.testing.StoreConformance
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertSame
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.sql.SQLException

/** Stores written in Kotlin. */
class HostStoreTest {
    @Test
    fun `the jdbc store passes the conformance suite`() {
        StoreConformance.check { JdbcStore("jdbc:sqlite::memory:") }
    }

    @Test
    fun `a store that forgets a rule fails the suite, which says where`() {
        class Forgetful : Store by JdbcStore("jdbc:sqlite::memory:") {
            override fun partnerIdLike(id: PartnerId): PartnerId? = null
        }
        val failed = assertThrows(AssertionError::class.java) { StoreConformance.check { Forgetful() } }
        assertTrue("partners_are_found_without_regard_to_case" in failed.message!!, failed.message)
        val cases = Regex("of (\\d+) cases").find(failed.message!!)!!.groupValues[1].toInt()
        assertTrue(cases > 70, "$cases cases")
    }

    @Test
    fun `a misp is onboarded on the jdbc store`() {
        JdbcStore("jdbc:sqlite::memory:").use { store ->
            World(open = { rules, clock -> Onboarding(store, rules, clock) }).use {
                val (_, policy) = it.readyPartner("bank")
                val (key, _) = it.licenseKey("bank", policy = policy.id)
                assertTrue(it.onboarding.authenticate(key) is Verdict.Authorized)
                assertEquals(1, store.listLicenseKeys(LicenseKeyQuery(LicenseKeyFilter(), LicenseKeySort.NAME, Direction.ASCENDING, null, 10, BEGIN)).size)
            }
        }
    }

    /** Fails the commit after having written, or a read, with what it is told to. */
    private class Failing(private val store: JdbcStore) : Store by store {
        var inCommit: Throwable? = null
        var inRead: Throwable? = null

        override fun commit(changes: ChangeSet) {
            inCommit?.let { throw it }
            store.commit(changes)
        }

        override fun partner(id: PartnerId): Partner? {
            inRead?.let { throw it }
            return store.partner(id)
        }

        override fun findByDigest(digest: LicenseKeyDigest): AuthenticationRecord? {
            inRead?.let { throw it }
            return store.findByDigest(digest)
        }
    }

    @Test
    fun `what a store throws is the cause of the exception, and nothing is half-written`() {
        val failing = Failing(JdbcStore("jdbc:sqlite::memory:"))
        World(open = { rules, clock -> Onboarding(failing, rules, clock) }).use {
            it.activePartner("bank")
            val (key, _) = it.licenseKey("bank")
            val events = it.onboarding.events(it.admin)
            for (thrown in listOf(SQLException("secret of the database"), IllegalStateException("broken"), StackOverflowError())) {
                failing.inCommit = thrown
                val failed = assertThrows(OnboardingException.StoreFailed::class.java) { it.onboarding.deactivatePartner(it.admin, "bank") }
                assertSame(thrown, failed.cause)
                assertEquals("store.backend" to ErrorKind.STORE, failed.code to failed.kind)
                assertFalse("secret" in failed.detail || "\tat " in failed.detail, failed.detail)
                failing.inCommit = null

                failing.inRead = thrown
                assertSame(thrown, assertThrows(OnboardingException.StoreFailed::class.java) { it.onboarding.partner(it.admin, "bank") }.cause)
                // This call goes the short way.
                assertSame(thrown, assertThrows(OnboardingException.StoreFailed::class.java) { it.onboarding.authenticate(key) }.cause)
                failing.inRead = null
            }
            val unavailable = SQLException("no connection")
            failing.inRead = StoreException.Unavailable(unavailable)
            val failed = assertThrows(OnboardingException.StoreFailed::class.java) { it.onboarding.partner(it.admin, "bank") }
            assertSame(unavailable, failed.cause)
            assertEquals("store.unavailable", failed.code)
            failing.inRead = null

            assertEquals(events, it.onboarding.events(it.admin))
            assertEquals(PartnerState.ACTIVE, it.onboarding.partner(it.admin, "bank").state)
            assertTrue(it.onboarding.authenticate(key) is Verdict.Authorized)
        }
    }

    @Test
    fun `an answer that is none of its type is a corrupt store`() {
        val store = JdbcStore("jdbc:sqlite::memory:")
        class Lying : Store by store {
            override fun partnerIdLike(id: PartnerId): PartnerId = "no id of a partner"
        }
        World(open = { rules, clock -> Onboarding(Lying(), rules, clock) }).use {
            val failed = assertThrows(OnboardingException.StoreFailed::class.java) { it.onboarding.createPartner(it.admin, it.newPartner("bank")) }
            assertEquals("store.corrupt", failed.code)
            assertNull(failed.cause)
        }
    }
}
