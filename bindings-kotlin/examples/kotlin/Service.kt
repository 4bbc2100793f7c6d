package io.github.misponboarding.examples

import io.github.misponboarding.ErrorKind
import io.github.misponboarding.Onboarding
import io.github.misponboarding.OnboardingException
import io.github.misponboarding.Verdict
import io.ktor.http.HttpHeaders
import io.ktor.http.HttpStatusCode
import io.ktor.server.application.Application
import io.ktor.server.application.ApplicationCall
import io.ktor.server.engine.embeddedServer
import io.ktor.server.netty.Netty
import io.ktor.server.response.respondText
import io.ktor.server.routing.get
import io.ktor.server.routing.routing
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext

/** The run-time question over HTTP: `GET /authorization` with the license key as bearer token. */
fun Application.authorization(onboarding: Onboarding) {
    routing {
        get("/authorization") {
            val key = call.request.headers[HttpHeaders.Authorization]?.removePrefix("Bearer ").orEmpty()
            answer(call) {
                when (val verdict = onboarding.authenticate(key)) {
                    is Verdict.Authorized -> HttpStatusCode.OK to "partner ${verdict.authorization.partner}"
                    is Verdict.Refused -> HttpStatusCode.Unauthorized to verdict.code
                }
            }
        }
    }
}

/** Calls of the engine block, so they are made from the pool for that. */
private suspend fun answer(call: ApplicationCall, ask: () -> Pair<HttpStatusCode, String>) {
    val (status, text) = withContext(Dispatchers.IO) {
        try {
            ask()
        } catch (e: OnboardingException) {
            e.kind.status() to e.code
        }
    }
    call.respondText(text, status = status)
}

private fun ErrorKind.status() = when (this) {
    ErrorKind.INVALID_INPUT, ErrorKind.CERTIFICATE_REJECTED -> HttpStatusCode.BadRequest
    ErrorKind.NOT_FOUND -> HttpStatusCode.NotFound
    ErrorKind.FORBIDDEN -> HttpStatusCode.Forbidden
    ErrorKind.ALREADY_EXISTS, ErrorKind.WRONG_STATE, ErrorKind.CONFLICT -> HttpStatusCode.Conflict
    ErrorKind.STORE -> HttpStatusCode.ServiceUnavailable
}

/** Serves from the JDBC store at the URL in the first argument, such as `jdbc:sqlite:onboarding.db`. */
fun main(arguments: Array<String>) {
    JdbcStore(arguments.firstOrNull() ?: "jdbc:sqlite:onboarding.db").use { store ->
        Onboarding(store).use { onboarding ->
            embeddedServer(Netty, port = 8080) { authorization(onboarding) }.start(wait = true)
        }
    }
}
