package io.github.misponboarding

import com.sun.jna.NativeLibrary
import com.sun.jna.Platform
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.lang.reflect.Method
import java.lang.reflect.Modifier
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.readText

/** The packed jar: what is in it, and what it does with another library. */
class LibraryTest {
    @Test
    fun `the tests run from the packed jar and load the library inside`() {
        assertEquals(null, System.getProperty("jna.library.path"))
        val source = Path.of(Onboarding::class.java.protectionDomain.codeSource.location.toURI())
        assertEquals(Path.of(System.getProperty("jar")).toRealPath(), source.toRealPath())
        val library = "/${Platform.RESOURCE_PREFIX}/${System.mapLibraryName("misp_onboarding_kotlin")}"
        assertNotNull(Onboarding::class.java.getResource(library), library)
        Onboarding.inMemory().close()
        // JNA unpacks it into a file of its own; one that lay somewhere on the path would be loaded where it is.
        val loaded = NativeLibrary.getInstance("misp_onboarding_kotlin").file
        assertTrue(loaded.name.startsWith("jna"), "$loaded")
    }

    /** Operations of core are parsed from its source, as the test of all languages does. */
    @Test
    fun `every operation of core is a method`() {
        val sources = Files.list(Path.of("../core/src/onboarding")).use { files -> files.map { it.readText() }.toList() }
        val method = Regex("""    pub fn (\w+)\(\s*&self""")
        val operations = sources
            .flatMap { it.split("impl Onboarding {").drop(1).map { block -> block.substringBefore("\n}\n") } }
            .flatMap { block -> method.findAll(block).map { it.groupValues[1] } }
            .filter { it != "store" }
            .map { name -> Regex("_(.)").replace(name) { it.groupValues[1].uppercase() } }
        assertTrue(operations.size > 40, "$operations")
        val methods = Onboarding::class.java.methods.filter { Modifier.isPublic(it.modifiers) }.map { it.name }
        assertEquals(emptySet<String>(), operations.toSet() - methods.toSet())
    }

    @Test
    fun `a library that disagrees with the generated code is refused`(@TempDir folder: Path) {
        val checks = Class.forName("io.github.misponboarding.IntegrityCheckingUniffiLib")
        val instance = checks.getField("INSTANCE").get(null)
        val numbers = checks.declaredMethods
            .filter { Modifier.isNative(it.modifiers) }
            .associate { it.name to (it.apply(Method::trySetAccessible).invoke(instance) as Number).toInt() }
        val call = numbers.keys.first { it.endsWith("method_onboarding_authenticate") }
        assertEquals("agreed", loaded(folder.resolve("same.so"), numbers))
        assertEquals(
            "UniFFI API checksum mismatch: try cleaning and rebuilding your project",
            loaded(folder.resolve("other.so"), numbers + (call to numbers.getValue(call) + 1)),
        )
    }

    /** What another Java says when it loads a library that answers the generated code's questions so. */
    private fun loaded(library: Path, numbers: Map<String, Int>): String {
        val source = library.resolveSibling("answers.c")
        Files.writeString(source, numbers.map { (name, number) -> "unsigned $name(void) { return ${number}u; }" }.joinToString("\n"))
        run("cc", "-shared", "-fPIC", "-o", "$library", "$source")
        val classPath = System.getProperty("surefire.test.class.path") ?: System.getProperty("java.class.path")
        val java = Path.of(System.getProperty("java.home"), "bin", "java").toString()
        return run(java, "-cp", classPath, "-Duniffi.component.misp_onboarding.libraryOverride=$library", "io.github.misponboarding.LibraryTestKt")
    }

    private fun run(vararg command: String): String {
        val process = ProcessBuilder(*command).redirectErrorStream(true).start()
        val printed = process.inputStream.readAllBytes().decodeToString().trim()
        assertEquals(0, process.waitFor(), printed)
        return printed
    }
}

/** Prints whether the library and the generated code agree. */
fun main() {
    try {
        Class.forName("io.github.misponboarding.IntegrityCheckingUniffiLib")
        println("agreed")
    } catch (e: ExceptionInInitializerError) {
        println(e.cause?.message)
    }
}
