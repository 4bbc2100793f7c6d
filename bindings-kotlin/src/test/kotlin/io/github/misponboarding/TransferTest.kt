package io.github.misponboarding

import io.github.misponboarding.examples.JdbcStore
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertSame
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.io.ByteArrayInputStream
import java.io.ByteArrayOutputStream
import java.io.IOException
import java.io.InputStream
import java.io.OutputStream
import java.nio.channels.Channels
import java.nio.channels.FileChannel
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardOpenOption

/** Stores that are moved, and what gets in the way. */
class TransferTest {
    private fun exported(from: Onboarding): ByteArray =
        ByteArrayOutputStream().also { Transfer.export(from, it, BEGIN) }.toByteArray()

    private fun imported(file: ByteArray, to: Onboarding): Imported = Transfer.import(to, ByteArrayInputStream(file))

    /** Something of every kind; more partners and events than go into a page. Answers with a license key. */
    private fun World.furnish(partners: Int = 600): String {
        val (_, policy) = readyPartner("bank")
        val (replaced, view) = licenseKey("bank", policy = policy.id)
        onboarding.regenerateLicenseKey(admin, view.row.key.id).use { }
        assertTrue(onboarding.authenticate(replaced) is Verdict.Refused)
        repeat(partners) { onboarding.createPartner(admin, newPartner("p-$it")) }
        return licenseKey("bank", "second", policy.id).first
    }

    @Test
    fun `what a store holds goes from memory to sqlite and back, and is the same to the byte`(@TempDir folder: Path) = world {
        val key = furnish()
        val file = exported(onboarding)
        assertEquals(601, Transfer.verify(ByteArrayInputStream(file)).partners)
        val url = "sqlite:///${folder.resolve("onboarding.db")}"
        World(open = { rules, clock -> Onboarding.open(url, rules, clock) }).use { sqlite ->
            val imported = imported(file, sqlite.onboarding)
            assertEquals(imported.read, imported.added)
            assertEquals(2, imported.added.caCertificates)
            assertEquals(3, imported.added.licenseKeys)
            assertEquals(imported.added.run { events + trustDomains + caCertificates + policyGroups + policies + partners + partnerCertificates + policyLinks + licenseKeys }, imported.added.total)
            assertTrue(sqlite.onboarding.authenticate(key) is Verdict.Authorized)
            assertEquals(onboarding.events(admin), sqlite.onboarding.events(admin))
            val again = exported(sqlite.onboarding)
            assertArrayEquals(file, again)
            // An import that is made again finds everything there.
            assertEquals(0, imported(file, sqlite.onboarding).added.total)
            world {
                imported(again, onboarding)
                assertArrayEquals(file, exported(onboarding))
            }
        }
    }

    @Test
    fun `a store written in kotlin is source and target`() = world {
        val key = furnish(partners = 20)
        val file = exported(onboarding)
        JdbcStore("jdbc:sqlite::memory:").use { store ->
            World(open = { rules, clock -> Onboarding(store, rules, clock) }).use {
                imported(file, it.onboarding)
                assertTrue(it.onboarding.authenticate(key) is Verdict.Authorized)
                assertArrayEquals(file, exported(it.onboarding))
                store.close()
                val failed = assertThrows(TransferException.StoreFailed::class.java) { exported(it.onboarding) }
                assertEquals("store.backend", failed.code)
                assertTrue(failed.cause is java.sql.SQLException, "${failed.cause}")
            }
        }
    }

    @Test
    fun `an export that was broken off anywhere goes on to the same file`(@TempDir folder: Path) = world {
        furnish()
        val whole = exported(onboarding)
        val place = folder.resolve("export")
        for (bytes in listOf(0, 1, whole.size / 3, whole.size / 2, whole.size - 1)) {
            Files.write(place, whole.copyOf(bytes))
            val unfinished = Files.newInputStream(place).use { Transfer.unfinished(it) }
            assertNotNull(unfinished)
            unfinished!!.use {
                assertTrue(it.bytes() <= bytes && it.counts().total <= 1_300, "${it.bytes()} of $bytes")
                FileChannel.open(place, StandardOpenOption.WRITE).use { file ->
                    file.truncate(it.bytes()).position(it.bytes())
                    Transfer.resume(onboarding, it, Channels.newOutputStream(file), BEGIN)
                }
            }
            assertArrayEquals(whole, Files.readAllBytes(place))
        }
        assertNull(Transfer.unfinished(ByteArrayInputStream(whole)))
        // What is there is of another store, or of this one before somebody went on with it.
        val cut = whole.copyOf(whole.size / 2)
        val unfinished = Transfer.unfinished(ByteArrayInputStream(cut))!!
        world {
            onboarding.createPartner(admin, newPartner("other"))
            val differs = assertThrows(TransferException.Differs::class.java) { Transfer.resume(onboarding, unfinished, OutputStream.nullOutputStream()) }
            assertTrue(differs.what.startsWith("event "), differs.what)
        }
        val last = onboarding.events(admin).last().sequence
        onboarding.createPartner(admin, newPartner("late"))
        val moved = assertThrows(TransferException.Moved::class.java) { Transfer.resume(onboarding, unfinished, OutputStream.nullOutputStream()) }
        assertEquals(Triple("transfer.moved", last, last + 1), Triple(moved.code, moved.last, moved.found))
        unfinished.close()
        assertThrows(IllegalStateException::class.java) { Transfer.resume(onboarding, unfinished, OutputStream.nullOutputStream()) }
        Unit
    }

    @Test
    fun `what a listener throws comes out as it is, and what was done until then stays`() = world {
        furnish()
        val whole = exported(onboarding)
        val told = mutableListOf<TransferProgress>()
        val thrown = IllegalStateException("enough")
        val stop = TransferListener {
            told += it
            if (told.size == 2) throw thrown
        }
        val file = ByteArrayOutputStream()
        assertSame(thrown, assertThrows(IllegalStateException::class.java) { Transfer.export(onboarding, file, BEGIN, stop) })
        assertEquals(2, told.size)
        // Nothing of what it had written when it stopped is lost.
        Transfer.unfinished(ByteArrayInputStream(file.toByteArray()))!!.use {
            assertEquals(file.size().toLong(), it.bytes())
            assertEquals(told.last().done, it.counts())
            Transfer.resume(onboarding, it, file, BEGIN)
        }
        assertArrayEquals(whole, file.toByteArray())

        told.clear()
        world {
            assertSame(thrown, assertThrows(IllegalStateException::class.java) { Transfer.import(onboarding, ByteArrayInputStream(whole), stop) })
            assertEquals(told.last().done.events, onboarding.events(admin).size.toLong())
            val rest = imported(whole, onboarding)
            assertEquals(rest.read.events - told.last().done.events, rest.added.events)
            assertArrayEquals(whole, exported(onboarding))
        }

        told.clear()
        Transfer.import(World().onboarding, ByteArrayInputStream(whole)) { told += it }
        assertTrue(told.zipWithNext().all { (before, after) -> before.done.total <= after.done.total }, "$told")
        assertEquals(whole.decodeToString().lines().size - 3, told.last().done.total.toInt())
    }

    @Test
    fun `what a stream throws is the cause, and it is not asked again`() = world {
        furnish()
        val whole = exported(onboarding)
        for (thrown in listOf(IOException("disk full"), StoreException.Duplicate(Unique.RECORD_ID), StackOverflowError())) {
            var calls = 0
            val full = object : OutputStream() {
                override fun write(b: Int) = throw AssertionError("byte by byte")
                override fun write(bytes: ByteArray) {
                    if (++calls == 2) throw thrown
                }
            }
            val write = assertThrows(TransferException.Write::class.java) { Transfer.export(onboarding, full) }
            assertSame(thrown, write.cause)
            assertEquals("transfer.write" to 2, write.code to calls)
            assertEquals(write.detail, write.message)
        }
        val unreadable = object : InputStream() {
            override fun read(): Int = throw IOException("unplugged")
        }
        val calls = listOf<() -> Any?>(
            { Transfer.verify(unreadable) }, { Transfer.unfinished(unreadable) }, { Transfer.import(onboarding, unreadable) },
        )
        for (call in calls) {
            val read = assertThrows(TransferException.Read::class.java) { call() }
            assertEquals("transfer.read" to "unplugged", read.code to read.cause?.message)
        }
        // Streams give what they have.
        val trickling = object : InputStream() {
            private val bytes = ByteArrayInputStream(whole)
            override fun read(): Int = bytes.read()
            override fun read(into: ByteArray, offset: Int, length: Int) = bytes.read(into, offset, minOf(length, 7))
        }
        assertEquals(601, Transfer.verify(trickling).partners)
    }

    @Test
    fun `a store in use is refused before anything is written`() = world {
        furnish(partners = 3)
        val file = exported(onboarding)
        world {
            val events = onboarding.createPartner(admin, newPartner("own")).let { onboarding.events(admin) }
            val differs = assertThrows(TransferException.Differs::class.java) { imported(file, onboarding) }
            assertEquals("transfer.differs" to "event 1", differs.code to differs.what)
            assertEquals(events, onboarding.events(admin))
            assertEquals(1, onboarding.listPartners(admin).items.size)
        }
    }

    @Test
    fun `a command during an export ends it`() = world {
        furnish()
        val moved = assertThrows(TransferException.Moved::class.java) {
            Transfer.export(onboarding, OutputStream.nullOutputStream()) {
                if (it.done.partners == 0L) onboarding.createPartner(admin, newPartner("late-${it.done.total}"))
            }
        }
        assertEquals("transfer.moved", moved.code)
    }

    @Test
    fun `a file that is none, cut, damaged or changed is told with the place`() = world {
        furnish(partners = 3)
        val whole = exported(onboarding).decodeToString()
        val lines = whole.lines().dropLast(1)
        fun verified(text: String) = Transfer.verify(ByteArrayInputStream(text.toByteArray()))
        assertEquals(lines.size - 2L, verified(whole).total)

        val none = assertThrows(TransferException.NotAnExport::class.java) { verified("{}\n") }
        assertEquals("transfer.not_an_export" to "another first line", none.code to none.found)
        val version = assertThrows(TransferException.UnknownVersion::class.java) { verified(whole.replaceFirst("\"version\":1", "\"version\":7")) }
        assertEquals(Triple("transfer.unknown_version", 1, 7), Triple(version.code, version.supported, version.found))
        val cut = assertThrows(TransferException.Cut::class.java) { verified(whole.dropLast(2)) }
        assertEquals("transfer.cut" to lines.size - 1L, cut.code to cut.lines)
        val damaged = assertThrows(TransferException.Damaged::class.java) { verified(whole.replaceFirst("1 Harbor Street", "2 Harbor Street")) }
        assertEquals(Triple("transfer.damaged", "SHA-256", 64), Triple(damaged.code, damaged.what, damaged.found.length))
        val line = assertThrows(TransferException.Line::class.java) { verified((lines.take(2) + "no json" + lines.drop(3)).joinToString("\n")) }
        assertEquals(Triple("transfer.line", 3L, "a line of an export"), Triple(line.code, line.line, line.required))
        val long = assertThrows(TransferException.LineTooLong::class.java) { verified(lines[0] + "\n" + " ".repeat(3_000_000)) }
        assertEquals(Triple("transfer.line_too_long", 2L, true), Triple(long.code, long.line, long.max > 1_000_000))
        for (failed in listOf(none, version, cut, damaged, line, long)) {
            assertNull(failed.cause)
            assertTrue("Harbor" !in failed.detail, failed.detail)
        }
    }

    @Test
    fun `records that wait for one that does not come are too many at some time`() = world {
        furnish(partners = 0)
        val (before, after) = exported(onboarding).decodeToString().lines()
            .filterNot { it.startsWith("{\"record\":{\"partner_certificate\"") }
            .partition { !it.startsWith("{\"record\":{\"policy_link\"") }
        // The partner names its certificate, which must be in the same commit.
        val file = (before.dropLast(2) + List(20_000) { after.first() }).joinToString("\n").toByteArray()
        World().use {
            val many = assertThrows(TransferException.TooManyTogether::class.java) { imported(file, it.onboarding) }
            assertEquals("transfer.too_many_together" to 20_000, many.code to many.max)
            assertEquals(0, it.onboarding.listPartners(it.admin).items.size)
        }
    }

    @Test
    fun `every exception is tested here`() {
        val source = Files.readString(Path.of("src/test/kotlin/io/github/misponboarding/TransferTest.kt"))
        val all = TransferException::class.java.permittedSubclasses.map { it.simpleName }.toSet()
        // A later version of the engine cannot be had.
        assertEquals(setOf("Other"), all.filterNot { "TransferException.$it::class.java" in source }.toSet())
    }
}
