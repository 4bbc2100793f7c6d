//! The requests that the service answers.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::routing::{get, post, put};
use axum::{Json, Router};
use misp_onboarding::license_key::{GenerateLicenseKey, Validity};
use misp_onboarding::list::{Cursor, ListRequest};
use misp_onboarding::partner::{NewPartner, PartnerId};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::answer::Refused;
use crate::caller::Caller;
use crate::engine::Engine;

type Answer = Result<(StatusCode, Json<Value>), Refused>;

pub(crate) fn all(engine: Arc<Engine>) -> Router {
    Router::new()
        .route("/authenticate", post(authenticate))
        .route("/partners", get(list_partners).post(create_partner))
        .route("/partners/{id}/certificate", put(upload_certificate))
        .route("/partners/{id}/license-keys", post(generate_license_key))
        .with_state(engine)
}

#[derive(Deserialize)]
struct Presented {
    license_key: String,
}

/// The hot path. A look-up in SQLite takes microseconds, and might still wait for the disk: it leaves the async threads
/// too.
async fn authenticate(
    State(engine): State<Arc<Engine>>,
    body: Result<Json<Presented>, JsonRejection>,
) -> Answer {
    let Json(presented) = body?;
    let verdict = engine.call(move |onboarding| onboarding.authenticate(&presented.license_key)).await?;
    answer(
        StatusCode::OK,
        match verdict {
            Ok(authorization) => json!({"good": true, "authorization": authorization}),
            Err(refusal) => json!({"good": false, "code": refusal.code()}),
        },
    )
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PartnerToCreate {
    id: String,
    organization: String,
    address: String,
    contact_number: String,
    email: String,
}

async fn create_partner(
    State(engine): State<Arc<Engine>>,
    Caller(admin): Caller,
    body: Result<Json<PartnerToCreate>, JsonRejection>,
) -> Answer {
    let Json(PartnerToCreate { id, organization, address, contact_number, email }) = body?;
    let new =
        NewPartner { id, organization, address, contact_number, email, language: None, policy_group: None };
    let partner = engine.call(move |onboarding| onboarding.create_partner(&admin, &new)).await?;
    answer(StatusCode::CREATED, json!(partner))
}

#[derive(Deserialize)]
struct After {
    after: Option<Cursor>,
}

async fn list_partners(
    State(engine): State<Arc<Engine>>,
    Caller(admin): Caller,
    Query(After { after }): Query<After>,
) -> Answer {
    let request = ListRequest::default().after(after);
    let page = engine.call(move |onboarding| onboarding.list_partners(&admin, &request)).await?;
    answer(StatusCode::OK, json!(page))
}

/// The body is the file: PEM, DER, base64 or PKCS#7. The answer to a refused one has the whole report.
async fn upload_certificate(
    State(engine): State<Arc<Engine>>,
    Caller(admin): Caller,
    Path(id): Path<String>,
    file: Bytes,
) -> Answer {
    let id = partner_id(&id)?;
    let uploaded = engine.call(move |onboarding| onboarding.upload_certificate(&admin, &id, &file)).await?;
    answer(StatusCode::OK, json!({"partner": uploaded.partner, "report": uploaded.report}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyToGenerate {
    name: String,
}

async fn generate_license_key(
    State(engine): State<Arc<Engine>>,
    Caller(admin): Caller,
    Path(id): Path<String>,
    body: Result<Json<KeyToGenerate>, JsonRejection>,
) -> Answer {
    let Json(KeyToGenerate { name }) = body?;
    let command =
        GenerateLicenseKey { partner: partner_id(&id)?, policy: None, name, validity: Validity::Default };
    let generated = engine.call(move |onboarding| onboarding.generate_license_key(&admin, &command)).await?;
    // The one time that it is shown. From here on it is in memory that nobody wipes: send it and forget it.
    let shown = generated.key.reveal();
    let key = &generated.view.row.key;
    answer(StatusCode::CREATED, json!({"id": key.id, "license_key": shown, "expires_at": key.expires_at}))
}

fn partner_id(text: &str) -> Result<PartnerId, Refused> {
    text.parse().map_err(|problem| Refused::Unreadable(format!("the partner's id: {problem}")))
}

fn answer(status: StatusCode, body: Value) -> Answer {
    Ok((status, Json(body)))
}

impl From<JsonRejection> for Refused {
    /// Only what sort of mistake it is: the parser's own text quotes what was sent, and that may be a license key.
    fn from(rejection: JsonRejection) -> Self {
        Self::Unreadable(match rejection {
            JsonRejection::MissingJsonContentType(_) => {
                "the content type must be application/json".to_owned()
            }
            JsonRejection::JsonSyntaxError(_) => "the body must be JSON".to_owned(),
            _ => "the body must have the fields that the request needs, and no others".to_owned(),
        })
    }
}
