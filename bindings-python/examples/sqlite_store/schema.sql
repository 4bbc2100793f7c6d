-- What the example store keeps: one table for each kind of record, and the events.
--
-- * A column is a field of the record. Instants are text such as 2026-01-15T12:00:00.000000+00:00, always in UTC and
--   of the same length, so that their order as text is their order in time.
-- * A column x_folded holds x in the form in which texts that differ only in case are equal: what is unique, sorted
--   by and searched.
-- * References are checked when a change set is through: a partner and its certificate name each other.
-- * version counts the changes of a record; a change names the version that it was decided on.
--
-- SQLite 3.30 or later is needed, with JSON. The tables are made where they are not there; whoever changes them later
-- keeps the number of the version in PRAGMA user_version and brings older files up to it.

CREATE TABLE IF NOT EXISTS trust_domain (
    domain  TEXT    NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS ca_certificate (
    id              TEXT    NOT NULL PRIMARY KEY,
    domain          TEXT    NOT NULL REFERENCES trust_domain DEFERRABLE INITIALLY DEFERRED,
    kind            TEXT    NOT NULL,
    state           TEXT    NOT NULL,
    der             BLOB    NOT NULL,
    fingerprint     TEXT    NOT NULL,
    subject         TEXT    NOT NULL,
    subject_folded  TEXT    NOT NULL,
    issuer          TEXT    NOT NULL,
    issuer_folded   TEXT    NOT NULL,
    not_before      TEXT    NOT NULL,
    not_after       TEXT    NOT NULL,
    uploaded_at     TEXT    NOT NULL,
    uploaded_by     TEXT    NOT NULL,
    distrusted_at   TEXT,
    distrust_reason TEXT,
    version         INTEGER NOT NULL,
    UNIQUE (domain, fingerprint)
);

CREATE TABLE IF NOT EXISTS policy_group (
    id          TEXT    NOT NULL PRIMARY KEY,
    name        TEXT    NOT NULL,
    name_folded TEXT    NOT NULL UNIQUE,
    description TEXT    NOT NULL,
    state       TEXT    NOT NULL,
    created_at  TEXT    NOT NULL,
    created_by  TEXT    NOT NULL,
    version     INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS policy (
    id           TEXT    NOT NULL PRIMARY KEY,
    "group"      TEXT    NOT NULL REFERENCES policy_group DEFERRABLE INITIALLY DEFERRED,
    name         TEXT    NOT NULL,
    name_folded  TEXT    NOT NULL,
    description  TEXT    NOT NULL,
    document     TEXT    NOT NULL,  -- kept to the letter
    valid_until  TEXT,
    state        TEXT    NOT NULL,
    created_at   TEXT    NOT NULL,
    created_by   TEXT    NOT NULL,
    published_at TEXT,
    version      INTEGER NOT NULL,
    UNIQUE ("group", name_folded)
);

CREATE TABLE IF NOT EXISTS partner (
    id                  TEXT    NOT NULL PRIMARY KEY,
    id_folded           TEXT    NOT NULL UNIQUE,
    organization        TEXT    NOT NULL,
    organization_folded TEXT    NOT NULL,
    address             TEXT    NOT NULL,
    contact_number      TEXT    NOT NULL,
    email               TEXT    NOT NULL,
    email_folded        TEXT    NOT NULL UNIQUE,
    language            TEXT    NOT NULL,
    policy_group        TEXT    REFERENCES policy_group DEFERRABLE INITIALLY DEFERRED,
    state               TEXT    NOT NULL,
    certificate         TEXT    REFERENCES partner_certificate DEFERRABLE INITIALLY DEFERRED,
    created_at          TEXT    NOT NULL,
    created_by          TEXT    NOT NULL,
    updated_at          TEXT    NOT NULL,
    updated_by          TEXT    NOT NULL,
    version             INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS partner_certificate (
    id            TEXT    NOT NULL PRIMARY KEY,
    partner       TEXT    NOT NULL REFERENCES partner DEFERRABLE INITIALLY DEFERRED,
    der           BLOB    NOT NULL,
    fingerprint   TEXT    NOT NULL,
    subject       TEXT    NOT NULL,
    issuer        TEXT    NOT NULL,
    serial_number TEXT    NOT NULL,
    not_before    TEXT    NOT NULL,
    not_after     TEXT    NOT NULL,
    domain        TEXT    NOT NULL,
    path          TEXT    NOT NULL,  -- a JSON array of fingerprints
    uploaded_at   TEXT    NOT NULL,
    uploaded_by   TEXT    NOT NULL,
    replaced_at   TEXT,
    version       INTEGER NOT NULL
);

CREATE INDEX IF NOT EXISTS partner_certificate_of_partner ON partner_certificate (partner, uploaded_at, id);

CREATE TABLE IF NOT EXISTS policy_link (
    id               TEXT    NOT NULL PRIMARY KEY,
    partner          TEXT    NOT NULL REFERENCES partner DEFERRABLE INITIALLY DEFERRED,
    policy           TEXT    NOT NULL REFERENCES policy DEFERRABLE INITIALLY DEFERRED,
    state            TEXT    NOT NULL,
    request_comment  TEXT    NOT NULL,
    requested_at     TEXT    NOT NULL,
    requested_by     TEXT    NOT NULL,
    decided_at       TEXT,
    decided_by       TEXT,
    decision_comment TEXT,
    version          INTEGER NOT NULL
);

CREATE UNIQUE INDEX IF NOT EXISTS policy_link_open ON policy_link (partner, policy) WHERE state <> 'rejected';
CREATE INDEX IF NOT EXISTS policy_link_of_partner ON policy_link (partner, id);
CREATE INDEX IF NOT EXISTS policy_link_of_policy ON policy_link (policy, state);

CREATE TABLE IF NOT EXISTS license_key (
    id              TEXT    NOT NULL PRIMARY KEY,
    partner         TEXT    NOT NULL REFERENCES partner DEFERRABLE INITIALLY DEFERRED,
    policy          TEXT    REFERENCES policy DEFERRABLE INITIALLY DEFERRED,
    name            TEXT    NOT NULL,
    name_folded     TEXT    NOT NULL,
    digest          TEXT    NOT NULL UNIQUE,
    last4           TEXT    NOT NULL,
    state           TEXT    NOT NULL,
    origin          TEXT    NOT NULL,
    created_at      TEXT    NOT NULL,
    created_by      TEXT    NOT NULL,
    expires_at      TEXT    NOT NULL,
    overlap_ends_at TEXT,
    deactivated_at  TEXT,
    replaces        TEXT    REFERENCES license_key DEFERRABLE INITIALLY DEFERRED,
    replaced_by     TEXT    REFERENCES license_key DEFERRABLE INITIALLY DEFERRED,
    version         INTEGER NOT NULL
);

CREATE UNIQUE INDEX IF NOT EXISTS license_key_live ON license_key (partner, name_folded) WHERE state = 'active';
CREATE INDEX IF NOT EXISTS license_key_of_partner ON license_key (partner, id);

-- AUTOINCREMENT: no number is given twice, and writers take turns, so none is ever added below one that was read.
CREATE TABLE IF NOT EXISTS event (
    sequence     INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    at           TEXT    NOT NULL,
    actor        TEXT    NOT NULL,
    kind         TEXT    NOT NULL,
    subject_kind TEXT    NOT NULL,
    subject_id   TEXT    NOT NULL,
    version      INTEGER NOT NULL,
    partner      TEXT,
    old_state    TEXT,
    new_state    TEXT,
    facts        TEXT    NOT NULL  -- a JSON object of texts
);
