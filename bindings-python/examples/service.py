"""Partner management over HTTP: `pip install fastapi uvicorn misp-onboarding`, then `uvicorn service:app`.
FastAPI runs plain `def` handlers in threads, which share the one engine.
"""

import os
from typing import Annotated, Any

from fastapi import Body, Depends, FastAPI, Header, Request
from fastapi.responses import JSONResponse, PlainTextResponse
from misp_onboarding import Actor, Onboarding, OnboardingError, Role
from misp_onboarding.errors import ErrorKind
from misp_onboarding.lists import Page
from misp_onboarding.partners import Partner, PartnerFilter, PartnerRow

STATUS = {
    ErrorKind.INVALID_INPUT: 400,
    ErrorKind.FORBIDDEN: 403,
    ErrorKind.NOT_FOUND: 404,
    ErrorKind.ALREADY_EXISTS: 409,
    ErrorKind.WRONG_STATE: 409,
    ErrorKind.CERTIFICATE_REJECTED: 422,
    ErrorKind.STORE: 500,
    ErrorKind.CONFLICT: 503,
}
app = FastAPI(title="MISP onboarding")
onboarding = Onboarding.open(os.environ.get("ONBOARDING_DATABASE", "sqlite:///onboarding.sqlite"))


def actor(x_user: Annotated[str, Header()], x_roles: Annotated[str, Header()]) -> Actor:
    # Whom the gateway in front of this service has logged in.
    return Actor(x_user, [Role(role) for role in x_roles.split(",")])


Who = Annotated[Actor, Depends(actor)]


@app.exception_handler(OnboardingError)
def failed(_: Request, error: OnboardingError) -> JSONResponse:
    return JSONResponse({"code": error.code, "message": str(error)}, STATUS[error.kind])


@app.post("/partners", status_code=201)
def create(who: Who, partner: Annotated[dict[str, Any], Body()]) -> Partner:
    return onboarding.create_partner(who, **partner)


@app.get("/partners")
def partners(who: Who, name: str | None = None, after: str | None = None) -> Page[PartnerRow]:
    return onboarding.list_partners(who, filter=PartnerFilter(organization=name), after=after)


@app.put("/partners/{id}/certificate", response_class=PlainTextResponse)
def certificate(who: Who, id: str, pem: Annotated[str, Body(media_type="text/plain")]) -> str:
    return str(onboarding.upload_certificate(who, id, pem).report)


@app.get("/authenticate/{key}")
def authenticate(key: str) -> JSONResponse:
    if verdict := onboarding.authenticate(key):
        return JSONResponse({"partner": verdict.partner, "policy": verdict.policy})
    return JSONResponse({"code": verdict.code, "message": verdict.reason}, 401)
