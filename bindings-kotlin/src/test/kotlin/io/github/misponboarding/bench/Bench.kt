package io.github.misponboarding.bench

import io.github.misponboarding.Actor
import io.github.misponboarding.GenerateLicenseKey
import io.github.misponboarding.NewPartner
import io.github.misponboarding.Onboarding
import io.github.misponboarding.Role
import io.github.misponboarding.Verdict
import io.github.misponboarding.use
import java.io.ByteArrayInputStream
import java.nio.file.Files
import java.nio.file.Path
import java.security.cert.CertPathBuilder
import java.security.cert.CertStore
import java.security.cert.CertificateFactory
import java.security.cert.CollectionCertStoreParameters
import java.security.cert.PKIXBuilderParameters
import java.security.cert.TrustAnchor
import java.security.cert.X509CertSelector
import java.security.cert.X509Certificate

private const val ROUNDS = 1_000
private const val AUTHENTICATIONS = 2_000
private const val INSPECTIONS = 50

/** Measures the calls that `cargo xtask bench kotlin` sets beside those in Rust, with what Rust has left in the folder. */
fun main(arguments: Array<String>) {
    val folder = Path.of(arguments[0])
    val (root, issuing) = listOf("root.pem", "issuing.pem").map { Files.readAllBytes(folder.resolve(it)) }
    val leaves = Files.readString(folder.resolve("leaves.pem")).split(Regex("(?=-----BEGIN)"))
        .filter { it.isNotBlank() }.map { it.toByteArray() }
    val admin = Actor("ana", listOf(Role.PARTNER_ADMIN))
    Onboarding.inMemory().use { onboarding ->
        check(onboarding.uploadCaCertificates(admin, "AUTH", root).allAccepted)
        check(onboarding.uploadCaCertificates(admin, "AUTH", issuing).allAccepted)
        onboarding.createPartner(admin, NewPartner("bank", "Example Bank", "1 Harbor Street", "+1 (555) 0100", "misp@example.org"))
        onboarding.uploadCertificate(admin, "bank", leaves[0])
        val key = onboarding.generateLicenseKey(admin, GenerateLicenseKey("bank", "production")).use { it.key.reveal() }
        val pkix = Pkix(root, issuing)

        val authenticate = best(AUTHENTICATIONS) { check(onboarding.authenticate(key) is Verdict.Authorized) }
        val inspect = best(INSPECTIONS) { check(onboarding.inspectCertificate(admin, "bank", leaves[it % leaves.size]).accepted) }
        val validate = best(INSPECTIONS) { pkix.validate(leaves[it % leaves.size]) }
        println("""{"authenticate_ns": $authenticate, "inspect_ns": $inspect, "pkix_ns": $validate}""")
    }
}

/** The time of one call in the best of the rounds, in the first of which Java compiles, in nanoseconds. */
private inline fun best(calls: Int, call: (Int) -> Unit): Double {
    var best = Double.MAX_VALUE
    repeat(ROUNDS) { round ->
        val start = System.nanoTime()
        for (number in 0 until calls) call(round * calls + number)
        best = minOf(best, (System.nanoTime() - start).toDouble() / calls)
    }
    return best
}

/** Java's own path validation, as MOSIP's keymanager calls it: without revocation, from the file to the verdict. */
private class Pkix(root: ByteArray, issuing: ByteArray) {
    private val factory = CertificateFactory.getInstance("X.509")
    private val builder = CertPathBuilder.getInstance("PKIX")
    private val anchors = setOf(TrustAnchor(read(root), null))
    private val intermediates = CertStore.getInstance("Collection", CollectionCertStoreParameters(listOf(read(issuing))))

    fun validate(leaf: ByteArray) {
        val target = X509CertSelector().apply { certificate = read(leaf) }
        val parameters = PKIXBuilderParameters(anchors, target).apply {
            isRevocationEnabled = false
            addCertStore(intermediates)
        }
        builder.build(parameters)
    }

    private fun read(pem: ByteArray) = factory.generateCertificate(ByteArrayInputStream(pem)) as X509Certificate
}
