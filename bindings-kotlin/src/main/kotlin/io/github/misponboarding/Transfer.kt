package io.github.misponboarding

import java.io.InputStream
import java.io.OutputStream
import java.time.Instant

/**
 * Moving everything that a store holds into another store, as lines of JSON, whatever database either is on.
 *
 * What comes out is what went in: every record with its id, version and instants, every event with its place. Two stores
 * with the same content give the same file, byte by byte, at the same instant. Memory that is needed does not grow with
 * the store. Stores of the host's own are moved as any others: give them an [Onboarding].
 *
 * **Protect the file like the database.** It holds the contact data of every partner. License keys are in it as digests
 * only; those that were made under a pepper need the same pepper on the new store.
 *
 * Streams are read and written in large pieces and are not closed. What a stream throws is the cause of a
 * [TransferException.Read] or [TransferException.Write]; what a listener throws ends the transfer and comes out as it is.
 * In either case what was written or committed until then is whole and stays.
 */
object Transfer {
    /**
     * Writes everything that the engine's store holds. No command may be carried out meanwhile, by this engine or another;
     * authentications and reads may.
     *
     * @param at the present instant, for the file to name.
     * @param progress is told after each page.
     * @throws TransferException.Moved when a command was carried out meanwhile.
     */
    @JvmStatic
    @JvmOverloads
    @Throws(TransferException::class)
    fun export(
        from: Onboarding,
        to: OutputStream,
        at: Instant = Instant.now(),
        progress: TransferListener = TransferListener {},
    ): TransferCounts = write(from, null, to, at, progress)

    /**
     * Goes on with an export that was broken off: [unfinished] reads what is there. Cut the file after
     * [Unfinished.bytes] bytes first; [to] takes what comes then.
     *
     * @param at counts only where nothing is there yet.
     * @throws TransferException.Moved also when a command was carried out since it was broken off. Then the export must
     * begin anew.
     * @throws TransferException.Differs when the file is of another store.
     */
    @JvmStatic
    @JvmOverloads
    @Throws(TransferException::class)
    fun resume(
        from: Onboarding,
        unfinished: Unfinished,
        to: OutputStream,
        at: Instant = Instant.now(),
        progress: TransferListener = TransferListener {},
    ): TransferCounts = write(from, unfinished, to, at, progress)

    /**
     * Reads how far an export got; null where it is complete. The last line may be cut, and there may be nothing at all.
     * The answer is the caller's to close.
     */
    @JvmStatic
    @Throws(TransferException::class)
    fun unfinished(from: InputStream): Unfinished? = transferUnfinished(Source(from))

    /**
     * Reads everything that a file holds into the engine's store, in commits of some hundred records. Events and records
     * that are there and equal are left alone, so an import that was broken off is begun again. Use neither this engine nor
     * another on the store for anything else until it has succeeded. From Java: `importFrom`.
     *
     * @param progress is told after each commit.
     * @throws TransferException.Differs when the store holds something else: it is in use.
     */
    @JvmStatic
    @JvmOverloads
    @JvmName("importFrom")
    @Throws(TransferException::class)
    fun import(to: Onboarding, from: InputStream, progress: TransferListener = TransferListener {}): Imported =
        Watcher(progress).during { transferImport(to, Source(from), it) }

    /**
     * Reads a file to its end, without a store, and says what it holds: whether it is whole and undamaged. An import tells
     * damage only at the end, so do this before.
     */
    @JvmStatic
    @Throws(TransferException::class)
    fun verify(from: InputStream): TransferCounts = transferVerify(Source(from))

    private fun write(from: Onboarding, unfinished: Unfinished?, to: OutputStream, at: Instant, progress: TransferListener) =
        Watcher(progress).during { transferExport(from, unfinished, Sink(to), at, it) }
}

/** Whoever wants to know how far an export or an import is. */
fun interface TransferListener {
    /** Is told on the thread that made the call. */
    fun progressed(progress: TransferProgress)
}

/** Keeps what the listener throws until the engine has stopped. */
private class Watcher(private val listener: TransferListener) : TransferWatcher {
    private var thrown: Throwable? = null

    override fun goesOn(progress: TransferProgress): Boolean {
        thrown = runCatching { listener.progressed(progress) }.exceptionOrNull()
        return thrown == null
    }

    fun <R> during(transfer: (TransferWatcher) -> R): R {
        val result = runCatching { transfer(this) }
        thrown?.let { throw it }
        return result.getOrThrow()
    }
}

private class Sink(private val stream: OutputStream) : TransferOutput {
    override fun write(bytes: ByteArray) = caught { stream.write(bytes) }

    override fun flush() = caught { stream.flush() }
}

private class Source(private val stream: InputStream) : TransferInput {
    override fun read(most: Int): ByteArray = caught {
        val bytes = ByteArray(most)
        val read = stream.read(bytes)
        if (read < 0) ByteArray(0) else bytes.copyOf(read)
    }
}

/** Whatever a stream throws, an exception of stores too, is the cause of what the engine throws. */
private inline fun <R> caught(call: () -> R): R = try {
    call()
} catch (e: Throwable) {
    throw StoreException.Backend(e)
}
