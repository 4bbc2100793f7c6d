package io.github.misponboarding

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import java.io.ByteArrayOutputStream
import java.io.PrintStream

class JavaTest {
    @Test
    fun `the java example runs`() {
        val printed = ByteArrayOutputStream()
        val out = System.out
        System.setOut(PrintStream(printed, true))
        try {
            Main.main(arrayOf())
        } finally {
            System.setOut(out)
        }
        assertEquals(listOf("authorized example-bank", "partner.not_found: nobody"), printed.toString().trim().lines())
    }
}
