package io.github.misponboarding

import com.sun.jna.Native
import com.sun.jna.Pointer
import java.nio.ByteBuffer
import java.time.Instant
import java.util.concurrent.ConcurrentLinkedQueue

/** The two calls of every request, through one buffer that is used again: see `direct.rs` beside the native library. */
internal object DirectCalls {
    fun authenticate(engine: Long, presented: String, at: Instant?): Verdict =
        call(
            MOST_BYTES_PER_CHARACTER * presented.length,
            write = {
                FfiConverterOptionalTypeTimestamp.write(at, it)
                writeText(presented, it)
            },
            invoke = { buffer, length, capacity ->
                DirectLibrary.misp_onboarding_authenticate(engine, buffer, length, capacity)
            },
            read = FfiConverterTypeVerdict::read,
        )

    fun inspectCertificate(engine: Long, actor: Actor, partner: String, file: ByteArray): CertificateReport =
        call(
            FfiConverterTypeActor.allocationSize(actor).toInt() + MOST_BYTES_PER_CHARACTER * partner.length + file.size,
            write = {
                FfiConverterTypeActor.write(actor, it)
                writeText(partner, it)
                FfiConverterByteArray.write(file, it)
            },
            invoke = { buffer, length, capacity ->
                DirectLibrary.misp_onboarding_inspect_certificate(engine, buffer, length, capacity)
            },
            read = FfiConverterTypeCertificateReport::read,
        )

    private inline fun <R> call(
        arguments: Int,
        write: (ByteBuffer) -> Unit,
        invoke: (buffer: Long, length: Int, capacity: Int) -> Int,
        read: (ByteBuffer) -> R,
    ): R {
        var buffer = Buffer.take(arguments + FEW_BYTES)
        try {
            var length: Int
            while (true) {
                buffer.bytes.clear()
                write(buffer.bytes)
                length = invoke(buffer.address, buffer.bytes.position(), buffer.bytes.capacity())
                if (length >= 0) break
                // Neither call changes anything, so it can be made again with room for the answer.
                buffer.wipe()
                buffer = Buffer(-length)
            }
            val answer = buffer.answer(length)
            when (answer.get()) {
                ANSWER -> return read(answer)
                ERROR -> throw FfiConverterTypeOnboardingError.read(answer)
                else -> throw InternalException(FfiConverterString.read(answer))
            }
        } finally {
            buffer.giveBack()
        }
    }

    /** Text that is no Unicode is no license key and no id: its surrogates become question marks, and are refused. */
    private fun writeText(text: String, bytes: ByteBuffer) {
        FfiConverterByteArray.write(text.encodeToByteArray(), bytes)
    }

    private const val MOST_BYTES_PER_CHARACTER = 3
    private const val FEW_BYTES = 64
    private const val ANSWER: Byte = 0
    private const val ERROR: Byte = 1
}

/** Memory outside of Java's heap, at an address that stays. */
private class Buffer(size: Int) {
    val bytes: ByteBuffer = ByteBuffer.allocateDirect(size)
    private val copy = ByteArray(size)
    val address: Long = Pointer.nativeValue(Native.getDirectBufferPointer(bytes))

    /** The library wipes arguments when it has put the answer in their place; this is for when it has not. */
    fun wipe() {
        bytes.clear()
        while (bytes.hasRemaining()) bytes.put(0)
    }

    /** The first bytes, copied into Java's heap: a text is made from there without a copy of its own. */
    fun answer(length: Int): ByteBuffer {
        bytes.clear()
        bytes.get(copy, 0, length)
        return ByteBuffer.wrap(copy, 0, length)
    }

    fun giveBack() {
        if (bytes.capacity() <= LARGEST_KEPT) free.offer(this)
    }

    companion object {
        private const val USUAL_SIZE = 8 * 1024
        private const val LARGEST_KEPT = 64 * 1024

        /** As many as there ever were calls at the same time. */
        private val free = ConcurrentLinkedQueue<Buffer>()

        fun take(size: Int): Buffer {
            val kept = free.poll() ?: return Buffer(maxOf(size, USUAL_SIZE))
            return if (kept.bytes.capacity() >= size) kept else Buffer(size)
        }
    }
}

@Suppress("FunctionName")
private object DirectLibrary {
    init {
        // The generated code compares itself with the library, and would not be of use with another.
        uniffiEnsureInitialized()
        val library = System.getProperty("uniffi.component.misp_onboarding.libraryOverride") ?: "misp_onboarding_kotlin"
        Native.register(DirectLibrary::class.java, library)
    }

    external fun misp_onboarding_authenticate(engine: Long, buffer: Long, length: Int, capacity: Int): Int

    external fun misp_onboarding_inspect_certificate(engine: Long, buffer: Long, length: Int, capacity: Int): Int
}
