package io.github.misponboarding

import io.github.misponboarding.examples.JdbcStore
import io.github.misponboarding.examples.authorization
import io.ktor.server.engine.embeddedServer
import io.ktor.server.netty.Netty
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse

class ServiceTest {
    @Test
    fun `the example service answers over http`() {
        val store = JdbcStore("jdbc:sqlite::memory:")
        World(open = { rules, clock -> Onboarding(store, rules, clock) }).use { world ->
            world.activePartner("bank")
            val (key, _) = world.licenseKey("bank")
            val server = embeddedServer(Netty, port = 0, host = "127.0.0.1") { authorization(world.onboarding) }.start()
            try {
                val port = runBlocking { server.engine.resolvedConnectors().first().port }
                fun ask(presented: String): Pair<Int, String> {
                    val request = HttpRequest.newBuilder(URI("http://127.0.0.1:$port/authorization"))
                        .header("Authorization", "Bearer $presented").build()
                    val response = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString())
                    return response.statusCode() to response.body()
                }
                assertEquals(200 to "partner bank", ask(key))
                assertEquals(401 to "authenticate.malformed", ask("short"))
                store.close()
                assertEquals(503 to "store.backend", ask(key))
            } finally {
                server.stop(0, 0)
            }
        }
    }
}
