//! What a client is told when something is refused.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use misp_onboarding::{Error, ErrorKind};
use misp_onboarding_examples::with_causes;
use serde_json::json;

/// Why a request is not answered as asked.
pub(crate) enum Refused {
    /// The engine refused it, or its store failed.
    ByEngine(Error),
    /// The request has no valid token.
    NotAuthenticated,
    /// The request cannot be read, for this reason.
    Unreadable(String),
    /// The service itself failed.
    Failed(String),
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (status, code, message) = match &self {
            Self::ByEngine(error) => (status(error.kind()), error.code(), error.to_string()),
            Self::NotAuthenticated => {
                (StatusCode::UNAUTHORIZED, "service.not_authenticated", "a bearer token is needed".to_owned())
            }
            Self::Unreadable(reason) => (StatusCode::BAD_REQUEST, "service.unreadable", reason.clone()),
            Self::Failed(_) => {
                (StatusCode::INTERNAL_SERVER_ERROR, "service.failed", "the service failed".to_owned())
            }
        };
        // What the store or a panic says is for the operator. No message of the engine holds a key or contact data.
        match &self {
            Self::ByEngine(error) if status.is_server_error() => eprintln!("{code}: {}", with_causes(error)),
            Self::Failed(reason) => eprintln!("{code}: {reason}"),
            _ => {}
        }
        let (pms_code, facts) = match &self {
            Self::ByEngine(error) => (error.pms_code(), serde_json::to_value(error).unwrap_or_default()),
            _ => (None, json!(null)),
        };
        let body = json!({"code": code, "pms_code": pms_code, "message": message, "facts": facts});
        (status, Json(body)).into_response()
    }
}

fn status(kind: ErrorKind) -> StatusCode {
    match kind {
        ErrorKind::InvalidInput => StatusCode::BAD_REQUEST,
        ErrorKind::NotFound => StatusCode::NOT_FOUND,
        ErrorKind::AlreadyExists | ErrorKind::WrongState => StatusCode::CONFLICT,
        ErrorKind::Forbidden => StatusCode::FORBIDDEN,
        ErrorKind::CertificateRejected => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorKind::Conflict => StatusCode::SERVICE_UNAVAILABLE,
        ErrorKind::Store => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
