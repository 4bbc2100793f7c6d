package io.github.misponboarding

import java.nio.ByteBuffer
import java.time.Instant

/** The instant that many microseconds after 1970. */
internal fun instantOf(microseconds: Long): Instant =
    Instant.ofEpochSecond(Math.floorDiv(microseconds, 1_000_000L), Math.floorMod(microseconds, 1_000_000L) * 1_000)

/**
 * Microseconds since 1970: the engine keeps no more digits, and cuts those beyond off. An instant that no Long can count
 * becomes the nearest one that it can, and the engine brings that into its own range.
 */
internal fun microsecondsOf(instant: Instant): Long {
    val microseconds = Math.floorDiv(instant.nano, 1_000).toLong()
    return when {
        instant.epochSecond > MAX_SECONDS -> Long.MAX_VALUE
        instant.epochSecond < -MAX_SECONDS -> Long.MIN_VALUE
        else -> instant.epochSecond * 1_000_000 + microseconds
    }
}

private const val MAX_SECONDS = Long.MAX_VALUE / 1_000_000 - 1

/** The text that begins in `bytes` with its length, made from where it is if that is in Java's heap. */
internal fun textOf(bytes: ByteBuffer): String {
    val length = bytes.getInt()
    if (!bytes.hasArray()) return ByteArray(length).also(bytes::get).toString(Charsets.UTF_8)
    val from = bytes.position()
    bytes.position(from + length)
    return String(bytes.array(), bytes.arrayOffset() + from, length, Charsets.UTF_8)
}

/** What a store threw, on its way through the engine. */
internal class Thrown(val throwable: Throwable) : ThrownByHost {
    override fun className(): String = throwable.javaClass.name
}

/** Whatever a store throws, as the engine takes it. */
internal fun asStoreException(thrown: Throwable): StoreException =
    thrown as? StoreException ?: StoreException.Backend(thrown)
