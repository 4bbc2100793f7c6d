//! Delivery of one event, tried again while there is hope.

use std::fmt;
use std::time::Duration;

use misp_onboarding::event::Event;

use crate::options::Options;

/// The longest pause between two attempts.
const MAX_PAUSE: Duration = Duration::from_secs(60);
/// How long one attempt may take, from connecting to the end of the answer.
const TIMEOUT: Duration = Duration::from_secs(10);

pub(crate) struct Webhook<'a> {
    agent: ureq::Agent,
    options: &'a Options,
}

/// Why an event was not accepted.
enum Failure {
    /// The receiver may accept it later.
    Passing(String),
    /// It will not, however often it is sent.
    Lasting(String),
}

impl<'a> Webhook<'a> {
    pub(crate) fn new(options: &'a Options) -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            // Events go where the configuration says and nowhere else.
            .max_redirects(0)
            .http_status_as_error(false)
            .build();
        Self { agent: config.into(), options }
    }

    /// Sends the event until it is accepted.
    ///
    /// # Errors
    /// When all attempts failed, or one in a way that will not pass.
    pub(crate) fn deliver(&self, event: &Event) -> Result<(), NotDelivered> {
        let mut pause = self.options.pause;
        let mut attempts = 0;
        loop {
            attempts += 1;
            let reason = match self.send(event) {
                Ok(()) => return Ok(()),
                Err(Failure::Passing(_)) if attempts < self.options.attempts => {
                    std::thread::sleep(pause);
                    pause = (pause * 2).min(MAX_PAUSE);
                    continue;
                }
                Err(Failure::Passing(reason) | Failure::Lasting(reason)) => reason,
            };
            return Err(NotDelivered { sequence: event.sequence.number(), attempts, reason });
        }
    }

    fn send(&self, event: &Event) -> Result<(), Failure> {
        let body = serde_json::to_vec(event).map_err(|error| Failure::Lasting(error.to_string()))?;
        let mut request = self
            .agent
            .post(&self.options.url)
            .header("Content-Type", "application/json")
            .header("Idempotency-Key", event.sequence.to_string());
        if let Some(token) = &self.options.token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        let answer = request.send(body).map_err(|error| match error {
            ureq::Error::BadUri(_) | ureq::Error::Http(_) => Failure::Lasting(error.to_string()),
            other => Failure::Passing(other.to_string()),
        })?;
        match answer.status().as_u16() {
            200..=299 => Ok(()),
            status @ (408 | 429 | 500..=599) => Err(Failure::Passing(format!("the answer was {status}"))),
            status => Err(Failure::Lasting(format!("the answer was {status}"))),
        }
    }
}

/// An event that the receiver did not accept.
#[derive(Debug)]
pub(crate) struct NotDelivered {
    sequence: u64,
    attempts: u32,
    reason: String,
}

impl std::error::Error for NotDelivered {}

impl fmt::Display for NotDelivered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sequence, attempts, reason } = self;
        write!(f, "event {sequence} was not delivered in {attempts} attempts: {reason}")
    }
}
