//! The PostgreSQL store's tests, on a real server.

use std::{env, path::Path};

use anyhow::Result;
use misp_onboarding_testserver::Server;

use super::{Part, Prepared, Step, count::cargo_test};
use crate::{require, run::cargo};

/// The variable that names a server to use instead of one of our own.
const DATABASE_URL: &str = "DATABASE_URL";

pub(super) const PART: Part = Part {
    name: "postgres",
    about: "Tests of the PostgreSQL store, on the server at DATABASE_URL or, where that is not set, on one of its own",
    needs: &[&require::C_COMPILER, &require::OPENSSL, &require::POSTGRESQL],
    prepare,
    steps: &[Step {
        name: "PostgreSQL store",
        command: |root| cargo(root, &["test", "--no-fail-fast", "-p", "misp-onboarding-postgres"]),
        count: cargo_test,
    }],
};

/// Starts a server where none is named.
pub(super) fn prepare(root: &Path) -> Result<Prepared> {
    if env::var_os(DATABASE_URL).is_some() {
        return Ok(Prepared::default());
    }
    // Tests run side by side, each with several stores, each with several connections.
    let server = Server::start(&root.join("target/postgres"), &["max_connections=400"])?;
    Ok(Prepared { environment: vec![(DATABASE_URL, server.url())], alive: Some(Box::new(server)) })
}
