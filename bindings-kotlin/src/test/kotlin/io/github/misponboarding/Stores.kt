package io.github.misponboarding

import io.github.misponboarding.examples.JdbcStore
import org.junit.jupiter.api.fail
import java.io.IOException
import java.nio.file.Path
import java.util.UUID

/** The stores that the artifact brings along, and one of a host's. */
enum class Stores(private val open: (folder: Path, Rules, Clock) -> Onboarding) {
    MEMORY({ _, rules, clock -> Onboarding.inMemory(rules, clock) }),
    SQLITE_IN_MEMORY({ _, rules, clock -> Onboarding.open("sqlite://", rules, clock) }),
    SQLITE({ folder, rules, clock -> Onboarding.open("sqlite:///${folder.resolve("onboarding.db")}", rules, clock) }),
    POSTGRESQL({ _, rules, clock ->
        Onboarding.open(PostgresServer.url, rules, clock, schema = PostgresServer.newSchema(), connections = 2)
    }),
    OF_THE_HOST({ _, rules, clock -> Onboarding(JdbcStore("jdbc:sqlite::memory:"), rules, clock) });

    /** Runs the block with a world on an empty store of this kind. */
    fun <R> world(folder: Path, block: World.() -> R): R =
        World(open = { rules, clock -> open(folder, rules, clock) }).use(block)
}

/** The server at `DATABASE_URL` or, where that is not set, one that is started for the tests and ends with them. */
object PostgresServer {
    val url: String by lazy { System.getenv("DATABASE_URL") ?: started() }

    /** The name of a schema that nobody has used. */
    fun newSchema(): String = "kotlin_${UUID.randomUUID().toString().replace("-", "")}"

    /** It stops when its input ends, which it does when this process ends, however it does. */
    private var process: Process? = null

    private fun started(): String {
        val command = listOf("cargo", "run", "--locked", "--quiet", "--package", "misp-onboarding-testserver")
        try {
            process = ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start()
        } catch (_: IOException) {
            // Told below.
        }
        return process?.inputReader()?.readLine() ?: fail("a PostgreSQL server is needed: DATABASE_URL names none, and `${command.joinToString(" ")}` started none")
    }
}
