package io.github.misponboarding

import java.time.Instant
import java.time.temporal.ChronoUnit

/** The instant that many microseconds after 1970. */
internal fun instantOf(microseconds: Long): Instant = Instant.EPOCH.plus(microseconds, ChronoUnit.MICROS)

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

/** What a store threw, on its way through the engine. */
internal class Thrown(val throwable: Throwable) : ThrownByHost {
    override fun className(): String = throwable.javaClass.name
}

/** Whatever a store throws, as the engine takes it. */
internal fun asStoreException(thrown: Throwable): StoreException =
    thrown as? StoreException ?: StoreException.Backend(thrown)
