//! One connection: its session, its prepared statements, and what became of it.

use std::collections::HashMap;
use std::time::Instant;

use misp_onboarding::store::StoreError;
use postgres::types::ToSql;
use postgres::{Client, Error, Row, Statement};

use crate::error::{failed, is_lost, is_race};
use crate::value::Value;

/// Statements kept prepared on each connection: the fixed ones, and the lists in use. When there are more, all are
/// given up and prepared again as needed.
const PREPARED_STATEMENTS: usize = 256;

pub(crate) struct Connection {
    client: Client,
    statements: HashMap<String, Statement>,
    opened: Instant,
    pub(crate) used: Instant,
    /// Whether it must prove that it works before it is used again.
    pub(crate) doubtful: bool,
    trouble: Option<Trouble>,
    transaction: Transaction,
}

/// What went wrong last.
#[derive(Clone, Copy, PartialEq)]
enum Trouble {
    /// The connection is of no use any more.
    Lost,
    /// Another transaction was in the way.
    Race,
}

/// How far the transaction is.
#[derive(Clone, Copy, PartialEq)]
enum Transaction {
    None,
    Open,
    /// "COMMIT" was sent: if no answer came, nobody knows what became of it.
    Ending,
}

impl Connection {
    pub(crate) fn new(client: Client) -> Self {
        let now = Instant::now();
        Self {
            client,
            statements: HashMap::new(),
            opened: now,
            used: now,
            doubtful: false,
            trouble: None,
            transaction: Transaction::None,
        }
    }

    pub(crate) fn opened(&self) -> Instant {
        self.opened
    }

    /// Every row that the statement finds.
    pub(crate) fn query(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>, StoreError> {
        let statement = self.statement(sql)?;
        let found = self.client.query(&statement, &parameters(values));
        found.map_err(|error| self.note(error))
    }

    /// Runs the statement and gives the number of rows it wrote.
    pub(crate) fn execute(&mut self, sql: &str, values: &[Value]) -> Result<u64, StoreError> {
        let statement = self.statement(sql)?;
        let written = self.client.execute(&statement, &parameters(values));
        written.map_err(|error| self.note(error))
    }

    /// Runs statements that take no values.
    pub(crate) fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        self.client.batch_execute(sql).map_err(|error| self.note(error))
    }

    /// Runs `work` in a transaction and commits it; on any error nothing is changed.
    pub(crate) fn transaction<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        // Whatever the database's default is: what must not change meanwhile is locked, see commit.rs.
        self.batch("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")?;
        self.transaction = Transaction::Open;
        let result = work(self).and_then(|done| {
            self.transaction = Transaction::Ending;
            self.batch("COMMIT").map(|()| done)
        });
        if result.is_err() && self.trouble != Some(Trouble::Lost) {
            // What the transaction failed for is what is told, also where this one fails too.
            let trouble = self.trouble;
            if self.client.batch_execute("ROLLBACK").is_err() {
                self.trouble = Some(Trouble::Lost);
            } else {
                self.trouble = trouble;
                self.transaction = Transaction::None;
            }
        }
        if result.is_ok() {
            self.transaction = Transaction::None;
        }
        result
    }

    /// Asks for a sign of life.
    pub(crate) fn is_alive(&mut self) -> bool {
        self.client.check_connection().is_ok()
    }

    /// Whether the connection is of no use any more.
    pub(crate) fn is_lost(&self) -> bool {
        self.trouble == Some(Trouble::Lost)
    }

    /// Whether it may be used again: it works, and nobody panicked in the middle of a transaction.
    pub(crate) fn is_reusable(&self) -> bool {
        !self.is_lost() && self.transaction == Transaction::None && !self.client.is_closed()
    }

    /// Whether what failed changed nothing for certain and may succeed when done again.
    pub(crate) fn may_do_again(&self) -> bool {
        match self.trouble {
            None => false,
            Some(Trouble::Race) => true,
            Some(Trouble::Lost) => self.transaction != Transaction::Ending,
        }
    }

    /// Forgets the last trouble, before something new is begun.
    pub(crate) fn begin(&mut self) {
        self.trouble = None;
    }

    fn statement(&mut self, sql: &str) -> Result<Statement, StoreError> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        if self.statements.len() >= PREPARED_STATEMENTS {
            self.statements.clear();
        }
        let statement = self.client.prepare(sql).map_err(|error| self.note(error))?;
        self.statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    fn note(&mut self, error: Error) -> StoreError {
        if is_lost(&error) {
            self.trouble = Some(Trouble::Lost);
        } else if is_race(&error) {
            self.trouble = Some(Trouble::Race);
        }
        failed(error)
    }
}

fn parameters(values: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    values.iter().map(|value| value as _).collect()
}
