package io.github.misponboarding.testing

import io.github.misponboarding.ConformanceOutcome
import io.github.misponboarding.Store
import io.github.misponboarding.StoreFactory
import io.github.misponboarding.storeConformance

/** The suite that every store must pass; the engine's own do. */
object StoreConformance {
    /** Runs every case, each with a store that `emptyStore` makes, and reports on all of them. */
    @JvmStatic
    fun report(emptyStore: StoreFactory): List<ConformanceOutcome> = storeConformance(emptyStore)

    /**
     * Runs every case, each with a store that `emptyStore` makes. Throws an [AssertionError] that says of each case the
     * store fails what it did otherwise.
     */
    @JvmStatic
    fun check(emptyStore: () -> Store) {
        val outcomes = report { emptyStore() }
        val failed = outcomes.filter { it.failure != null }
        if (failed.isEmpty()) return
        val lines = failed.joinToString("\n") { "  ${it.case}: ${it.failure}" }
        throw AssertionError("the store fails ${failed.size} of ${outcomes.size} cases:\n$lines")
    }
}
