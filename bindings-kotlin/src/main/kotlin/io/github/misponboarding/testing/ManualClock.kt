package io.github.misponboarding.testing

import io.github.misponboarding.Clock
import java.time.Duration
import java.time.Instant
import java.util.concurrent.atomic.AtomicReference

/** A clock set by hand: it stands still until it is told otherwise. */
class ManualClock(now: Instant) : Clock {
    private val time = AtomicReference(now)

    override fun now(): Instant = time.get()

    /** Sets the clock, forwards or backwards. */
    fun set(now: Instant) = time.set(now)

    /** Moves the clock, and says what it shows then. */
    fun advance(by: Duration): Instant = time.updateAndGet { it + by }
}
