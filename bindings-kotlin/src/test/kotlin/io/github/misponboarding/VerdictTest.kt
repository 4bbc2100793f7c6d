package io.github.misponboarding

import io.github.misponboarding.examples.JdbcStore
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Test
import java.time.Duration

/** Each answer that authentication can give. */
class VerdictTest {
    private fun World.refusal(presented: String): Pair<String, Refusal> {
        val verdict = onboarding.authenticate(presented)
        // The call at an instant goes another way through the same rules.
        assertEquals(verdict, onboarding.authenticateAt(presented, clock.now()))
        return (verdict as Verdict.Refused).let { it.code to it.refusal }
    }

    @Test
    fun `a key without a policy is authorized without permissions`() = world {
        activePartner("bank")
        val (key, view) = licenseKey("bank")
        val authorization = (onboarding.authenticate(key) as Verdict.Authorized).authorization
        assertNull(authorization.policy)
        assertNull(authorization.permissions)
        assertEquals(view.row.key.expiresAt, authorization.validUntil)
    }

    @Test
    fun `text that is no key is malformed`() = world {
        activePartner("bank")
        val (key, _) = licenseKey("bank")
        val cases = mapOf(
            "" to MalformedKey.Length(0),
            "ä" to MalformedKey.Length(2),
            "x".repeat(54) to MalformedKey.Prefix,
            key.replaceRange(9, 10, "-") to MalformedKey.Character(9),
            key.dropLast(1) + (if (key.last() == 'a') 'b' else 'a') to MalformedKey.Checksum,
            // Half a pair of surrogates is no Unicode.
            "\ud800" to MalformedKey.Length(1),
        )
        for ((text, problem) in cases) {
            assertEquals("authenticate.malformed" to Refusal.Malformed(problem), refusal(text), text)
        }
        // Longer than the buffer that usual calls go through.
        assertEquals("authenticate.malformed", refusal("é".repeat(100_000)).first)
    }

    @Test
    fun `a key that nobody made is unknown`() = world {
        val stranger = LicenseKey.generate().use { it.reveal() }
        assertEquals("authenticate.unknown" to Refusal.Unknown, refusal(stranger))
    }

    @Test
    fun `keys of a deactivated partner are refused for that`() = world {
        activePartner("bank")
        val (key, _) = licenseKey("bank")
        onboarding.deactivatePartner(admin, "bank")
        assertEquals("authenticate.partner_deactivated" to Refusal.PartnerDeactivated, refusal(key))
    }

    @Test
    fun `a deactivated key is refused`() = world {
        activePartner("bank")
        val (key, view) = licenseKey("bank")
        val after = onboarding.deactivateLicenseKey(admin, view.row.key.id)
        assertEquals(LicenseKeyStatus.DEACTIVATED to listOf(Action.VIEW), after.status to after.actions)
        assertEquals("authenticate.deactivated" to Refusal.Deactivated, refusal(key))
    }

    @Test
    fun `a replaced key is refused from the end of its overlap on`() = world {
        activePartner("bank")
        val (key, view) = licenseKey("bank")
        onboarding.regenerateLicenseKey(admin, view.row.key.id).destroy()
        assertEquals("authenticate.replaced" to Refusal.Replaced(BEGIN), refusal(key))
    }

    @Test
    fun `a key is refused from its end on`() = world {
        activePartner("bank")
        val (key, view) = licenseKey("bank")
        val end = view.row.key.expiresAt
        clock.set(end.minusNanos(1_000))
        assertEquals(end, (onboarding.authenticate(key) as Verdict.Authorized).authorization.validUntil)
        clock.set(end)
        assertEquals("authenticate.expired" to Refusal.Expired(end), refusal(key))
    }

    @Test
    fun `an imported key waits for its partner's certificate`() = world {
        onboarding.createPartner(admin, newPartner("bank"))
        val mosip = "Z".repeat(50)
        LicenseKey.parse(mosip).use {
            onboarding.importLicenseKeys(admin, listOf(ImportLicenseKey(it, "bank", "old", BEGIN + Duration.ofDays(1))))
        }
        assertEquals("authenticate.partner_inactive" to Refusal.PartnerInactive, refusal(mosip))
    }

    @Test
    fun `a key is refused when its policy cannot be used`() = world {
        val ending = publishedPolicy("Ending", BEGIN + Duration.ofDays(2))
        readyPartner("bank", ending)
        val (key, _) = licenseKey("bank", policy = ending.id)
        clock.advance(Duration.ofDays(2))
        val problem = PolicyNotUsable.Ended(BEGIN + Duration.ofDays(2))
        assertEquals("authenticate.policy_not_usable" to Refusal.PolicyNotUsable(problem), refusal(key))

        val mosip = mapOf(
            "0".repeat(50) to publishedPolicy("Not approved").id,
            "1".repeat(50) to onboarding.createPolicy(manager, NewPolicy(group("Drafts").id, "Draft", "d", DOCUMENT)).id,
        )
        val problems = mapOf("0".repeat(50) to PolicyNotUsable.LinkNotApproved, "1".repeat(50) to PolicyNotUsable.LinkNotApproved)
        for ((text, policy) in mosip) {
            LicenseKey.parse(text).use {
                val command = ImportLicenseKey(it, "bank", "imported ${text.first()}", BEGIN + Duration.ofDays(9), policy)
                onboarding.importLicenseKeys(admin, listOf(command))
            }
            assertEquals(Refusal.PolicyNotUsable(problems.getValue(text)), refusal(text).second)
        }
    }

    /** The engine switches neither off while a link is open; whoever writes to the database may have. */
    @Test
    fun `a key is refused when its policy or the policy's group is switched off`() {
        val jdbc = JdbcStore("jdbc:sqlite::memory:")
        var policy: (AuthenticationPolicy) -> AuthenticationPolicy = { it }
        val store = object : Store by jdbc {
            override fun findByDigest(digest: LicenseKeyDigest) =
                jdbc.findByDigest(digest)?.let { it.copy(policy = it.policy?.let(policy)) }
        }
        World(open = { rules, clock -> Onboarding(store, rules, clock) }).use {
            val (_, published) = it.readyPartner("bank")
            val (key, _) = it.licenseKey("bank", policy = published.id)
            policy = { found -> found.copy(state = PolicyState.DEACTIVATED) }
            val notActive = PolicyNotUsable.PolicyNotActive(PolicyState.DEACTIVATED)
            assertEquals(Refusal.PolicyNotUsable(notActive), it.refusal(key).second)
            policy = { found -> found.copy(groupState = PolicyGroupState.DEACTIVATED) }
            assertEquals(Refusal.PolicyNotUsable(PolicyNotUsable.GroupNotActive), it.refusal(key).second)
        }
    }
}
