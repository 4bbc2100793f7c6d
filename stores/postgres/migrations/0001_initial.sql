-- The records of the onboarding engine and what happened to them.
--
-- Conventions of every table:
-- * Instants are BIGINT microseconds since 1970-01-01T00:00:00Z: timestamptz begins in 4713 BC, the engine's time in
--   -9999. "to_timestamp(created_at / 1000000)" shows one to the second.
-- * Identifiers that the engine makes are UUIDs of version 7, written as 36 characters.
-- * Texts are compared byte by byte, hence COLLATE "C", whatever the database's collation is.
-- * A column named x_folded holds x in the form in which texts that differ only in case are equal. It is what is
--   unique, sorted by and searched.
-- * version counts the changes of a record; a change names the version that it was decided on.
-- * A list is read in the order of an index (sort value, id). For that reason names that belong to another table are
--   repeated in the lists that are sorted by them; whoever changes the original changes the copies in the same
--   transaction, as src/copies.rs does. Where a row has no such name the copy is '', where it has no such instant it
--   is the latest one, 253402207199999999.

CREATE TABLE trust_domains (
    domain  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    version BIGINT           NOT NULL CHECK (version >= 1)
);

CREATE TABLE ca_certificates (
    id              TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(id) = 36),
    domain          TEXT COLLATE "C" NOT NULL REFERENCES trust_domains (domain) DEFERRABLE INITIALLY DEFERRED,
    kind            TEXT COLLATE "C" NOT NULL CHECK (kind IN ('root', 'intermediate')),
    state           TEXT COLLATE "C" NOT NULL CHECK (state IN ('trusted', 'distrusted')),
    der             BYTEA            NOT NULL,  -- the certificate as uploaded
    fingerprint     BYTEA            NOT NULL CHECK (length(fingerprint) = 32),  -- SHA-256 of der
    subject         TEXT COLLATE "C" NOT NULL,  -- RFC 4514
    subject_folded  TEXT COLLATE "C" NOT NULL,
    issuer          TEXT COLLATE "C" NOT NULL,  -- RFC 4514
    issuer_folded   TEXT COLLATE "C" NOT NULL,
    not_before      BIGINT           NOT NULL,
    not_after       BIGINT           NOT NULL,  -- the last instant at which it is valid
    uploaded_at     BIGINT           NOT NULL,
    uploaded_by     TEXT COLLATE "C" NOT NULL,
    distrusted_at   BIGINT,
    distrust_reason TEXT COLLATE "C",
    version         BIGINT           NOT NULL CHECK (version >= 1),
    CONSTRAINT ca_certificates_fingerprint UNIQUE (domain, fingerprint)
);

-- None by subject or issuer: a name may be longer than an index entry can be (2,704 bytes), and a trust store is small
-- enough to be sorted.
CREATE INDEX ca_certificates_by_uploaded_at ON ca_certificates (uploaded_at, id);
CREATE INDEX ca_certificates_by_not_after   ON ca_certificates (not_after, id);
CREATE INDEX ca_certificates_of_domain      ON ca_certificates (domain, uploaded_at, id);

CREATE TABLE policy_groups (
    id          TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(id) = 36),
    name        TEXT COLLATE "C" NOT NULL,
    name_folded TEXT COLLATE "C" NOT NULL CONSTRAINT policy_groups_name UNIQUE,
    description TEXT COLLATE "C" NOT NULL,
    state       TEXT COLLATE "C" NOT NULL CHECK (state IN ('active', 'deactivated')),
    created_at  BIGINT           NOT NULL,
    created_by  TEXT COLLATE "C" NOT NULL,
    version     BIGINT           NOT NULL CHECK (version >= 1)
);

CREATE INDEX policy_groups_by_created_at ON policy_groups (created_at, id);

CREATE TABLE policies (
    id                                   TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(id) = 36),
    group_id                             TEXT COLLATE "C" NOT NULL REFERENCES policy_groups (id) DEFERRABLE INITIALLY DEFERRED,
    group_name_folded                    TEXT COLLATE "C" NOT NULL,  -- copy of policy_groups.name_folded
    name                                 TEXT COLLATE "C" NOT NULL,
    name_folded                          TEXT COLLATE "C" NOT NULL,
    description                          TEXT COLLATE "C" NOT NULL,
    document                             TEXT COLLATE "C" NOT NULL,  -- JSON, kept to the letter
    -- What the document allows; false where it does not say. Authentication reads these and not the document.
    allow_auth_request_delegation        BOOLEAN          NOT NULL,
    allow_kyc_request_delegation         BOOLEAN          NOT NULL,
    trust_binded_auth_verification_token BOOLEAN          NOT NULL,
    allow_key_binding_delegation         BOOLEAN          NOT NULL,
    valid_until                          BIGINT,  -- the first instant at which it is not valid any more
    state                                TEXT COLLATE "C" NOT NULL CHECK (state IN ('draft', 'active', 'deactivated')),
    created_at                           BIGINT           NOT NULL,
    created_by                           TEXT COLLATE "C" NOT NULL,
    published_at                         BIGINT,
    version                              BIGINT           NOT NULL CHECK (version >= 1),
    CONSTRAINT policies_name UNIQUE (group_id, name_folded)
);

CREATE INDEX policies_by_name       ON policies (name_folded, id);
CREATE INDEX policies_by_group_name ON policies (group_name_folded, id);
CREATE INDEX policies_by_created_at ON policies (created_at, id);
CREATE INDEX policies_of_group      ON policies (group_id, created_at, id);
CREATE INDEX policies_in_state      ON policies (state, created_at, id);

CREATE TABLE partners (
    id                       TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    id_folded                TEXT COLLATE "C" NOT NULL CONSTRAINT partners_id_folded UNIQUE,
    organization             TEXT COLLATE "C" NOT NULL,
    organization_folded      TEXT COLLATE "C" NOT NULL,
    address                  TEXT COLLATE "C" NOT NULL,
    contact_number           TEXT COLLATE "C" NOT NULL,
    email                    TEXT COLLATE "C" NOT NULL,
    email_folded             TEXT COLLATE "C" NOT NULL CONSTRAINT partners_email UNIQUE,
    language                 TEXT COLLATE "C" NOT NULL CHECK (length(language) = 3),  -- ISO 639-3
    policy_group_id          TEXT COLLATE "C" REFERENCES policy_groups (id) DEFERRABLE INITIALLY DEFERRED,
    policy_group_name_folded TEXT COLLATE "C" NOT NULL,  -- copy of policy_groups.name_folded, '' where none
    state                    TEXT COLLATE "C" NOT NULL CHECK (state IN ('inactive', 'active', 'deactivated')),
    certificate_id           TEXT COLLATE "C",  -- the current one; references partner_certificates, see below
    certificate_ends         BIGINT           NOT NULL,  -- copy of its not_after, the latest instant where none
    created_at               BIGINT           NOT NULL,
    created_by               TEXT COLLATE "C" NOT NULL,
    updated_at               BIGINT           NOT NULL,
    updated_by               TEXT COLLATE "C" NOT NULL,
    version                  BIGINT           NOT NULL CHECK (version >= 1)
);

CREATE INDEX partners_by_organization      ON partners (organization_folded, id);
CREATE INDEX partners_by_policy_group_name ON partners (policy_group_name_folded, id);
CREATE INDEX partners_by_state             ON partners (state, id);
CREATE INDEX partners_by_created_at        ON partners (created_at, id);
CREATE INDEX partners_by_certificate_ends  ON partners (certificate_ends, id);
CREATE INDEX partners_of_policy_group      ON partners (policy_group_id, created_at, id);
CREATE INDEX partners_in_state             ON partners (state, created_at, id);
CREATE INDEX partners_of_certificate       ON partners (certificate_id);

CREATE TABLE partner_certificates (
    id            TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(id) = 36),
    partner_id    TEXT COLLATE "C" NOT NULL REFERENCES partners (id) DEFERRABLE INITIALLY DEFERRED,
    der           BYTEA            NOT NULL,  -- the certificate as uploaded
    fingerprint   BYTEA            NOT NULL CHECK (length(fingerprint) = 32),  -- SHA-256 of der
    subject       TEXT COLLATE "C" NOT NULL,  -- RFC 4514
    issuer        TEXT COLLATE "C" NOT NULL,  -- RFC 4514
    serial_number TEXT COLLATE "C" NOT NULL,  -- hexadecimal
    not_before    BIGINT           NOT NULL,
    not_after     BIGINT           NOT NULL,  -- the last instant at which it is valid
    domain        TEXT COLLATE "C" NOT NULL,  -- the trust domain that it was accepted in
    uploaded_at   BIGINT           NOT NULL,
    uploaded_by   TEXT COLLATE "C" NOT NULL,
    replaced_at   BIGINT,
    version       BIGINT           NOT NULL CHECK (version >= 1)
);

ALTER TABLE partners ADD CONSTRAINT partners_certificate_id
    FOREIGN KEY (certificate_id) REFERENCES partner_certificates (id) DEFERRABLE INITIALLY DEFERRED;

CREATE INDEX partner_certificates_of_partner ON partner_certificates (partner_id, uploaded_at, id);

-- The CA certificates that a partner certificate was accepted over, its issuer at position 0, the root last.
CREATE TABLE partner_certificate_paths (
    certificate_id TEXT COLLATE "C" NOT NULL REFERENCES partner_certificates (id) DEFERRABLE INITIALLY DEFERRED,
    position       BIGINT           NOT NULL CHECK (position >= 0),
    fingerprint    BYTEA            NOT NULL CHECK (length(fingerprint) = 32),
    PRIMARY KEY (certificate_id, position)
);

CREATE INDEX partner_certificate_paths_over_ca ON partner_certificate_paths (fingerprint, certificate_id);

CREATE TABLE policy_links (
    id                       TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(id) = 36),
    partner_id               TEXT COLLATE "C" NOT NULL REFERENCES partners (id) DEFERRABLE INITIALLY DEFERRED,
    partner_id_folded        TEXT COLLATE "C" NOT NULL,
    organization_folded      TEXT COLLATE "C" NOT NULL,  -- copy of partners.organization_folded
    policy_id                TEXT COLLATE "C" NOT NULL REFERENCES policies (id) DEFERRABLE INITIALLY DEFERRED,
    policy_name_folded       TEXT COLLATE "C" NOT NULL,  -- copy of policies.name_folded
    policy_group_id          TEXT COLLATE "C",  -- copy of policies.group_id
    policy_group_name_folded TEXT COLLATE "C" NOT NULL,  -- copy of policies.group_name_folded
    state                    TEXT COLLATE "C" NOT NULL CHECK (state IN ('pending', 'approved', 'rejected')),
    request_comment          TEXT COLLATE "C" NOT NULL,
    requested_at             BIGINT           NOT NULL,
    requested_by             TEXT COLLATE "C" NOT NULL,
    decided_at               BIGINT,
    decided_by               TEXT COLLATE "C",
    decision_comment         TEXT COLLATE "C",
    version                  BIGINT           NOT NULL CHECK (version >= 1)
);

CREATE UNIQUE INDEX policy_links_open          ON policy_links (partner_id, policy_id) WHERE state <> 'rejected';
CREATE INDEX policy_links_approved             ON policy_links (partner_id, policy_id) WHERE state = 'approved';
CREATE INDEX policy_links_by_partner           ON policy_links (partner_id_folded, id);
CREATE INDEX policy_links_by_organization      ON policy_links (organization_folded, id);
CREATE INDEX policy_links_by_policy_name       ON policy_links (policy_name_folded, id);
CREATE INDEX policy_links_by_policy_group_name ON policy_links (policy_group_name_folded, id);
CREATE INDEX policy_links_by_state             ON policy_links (state, id);
CREATE INDEX policy_links_by_requested_at      ON policy_links (requested_at, id);
CREATE INDEX policy_links_of_partner           ON policy_links (partner_id, requested_at, id);
CREATE INDEX policy_links_of_policy            ON policy_links (policy_id, requested_at, id);
CREATE INDEX policy_links_of_policy_group      ON policy_links (policy_group_id, requested_at, id);
CREATE INDEX policy_links_in_state             ON policy_links (state, requested_at, id);

CREATE TABLE license_keys (
    id                       TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(id) = 36),
    partner_id               TEXT COLLATE "C" NOT NULL REFERENCES partners (id) DEFERRABLE INITIALLY DEFERRED,
    partner_id_folded        TEXT COLLATE "C" NOT NULL,
    organization_folded      TEXT COLLATE "C" NOT NULL,  -- copy of partners.organization_folded
    policy_id                TEXT COLLATE "C" REFERENCES policies (id) DEFERRABLE INITIALLY DEFERRED,
    policy_name_folded       TEXT COLLATE "C" NOT NULL,  -- copy of policies.name_folded, '' where none
    policy_group_id          TEXT COLLATE "C",  -- copy of policies.group_id
    policy_group_name_folded TEXT COLLATE "C" NOT NULL,  -- copy of policies.group_name_folded, '' where none
    name                     TEXT COLLATE "C" NOT NULL,
    name_folded              TEXT COLLATE "C" NOT NULL,
    digest                   BYTEA            NOT NULL CHECK (length(digest) = 32),  -- what the key is found by, never the key
    last4                    TEXT COLLATE "C" NOT NULL CHECK (length(last4) <= 4),  -- all of the key that can be shown
    state                    TEXT COLLATE "C" NOT NULL CHECK (state IN ('active', 'replaced', 'deactivated')),
    origin                   TEXT COLLATE "C" NOT NULL CHECK (origin IN ('generated', 'imported')),
    created_at               BIGINT           NOT NULL,
    created_by               TEXT COLLATE "C" NOT NULL,
    expires_at               BIGINT           NOT NULL,  -- the first instant at which it is not good any more
    overlap_ends_at          BIGINT,  -- the same for a replaced key
    deactivated_at           BIGINT,
    replaces_id              TEXT COLLATE "C" REFERENCES license_keys (id) DEFERRABLE INITIALLY DEFERRED,
    replaced_by_id           TEXT COLLATE "C" REFERENCES license_keys (id) DEFERRABLE INITIALLY DEFERRED,
    version                  BIGINT           NOT NULL CHECK (version >= 1),
    CONSTRAINT license_keys_digest UNIQUE (digest)
);

CREATE UNIQUE INDEX license_keys_live_name     ON license_keys (partner_id, name_folded) WHERE state = 'active';
CREATE INDEX license_keys_by_partner           ON license_keys (partner_id_folded, id);
CREATE INDEX license_keys_by_organization      ON license_keys (organization_folded, id);
CREATE INDEX license_keys_by_policy_group_name ON license_keys (policy_group_name_folded, id);
CREATE INDEX license_keys_by_policy_name       ON license_keys (policy_name_folded, id);
CREATE INDEX license_keys_by_name              ON license_keys (name_folded, id);
CREATE INDEX license_keys_by_created_at        ON license_keys (created_at, id);
CREATE INDEX license_keys_by_expires_at        ON license_keys (expires_at, id);
CREATE INDEX license_keys_of_partner           ON license_keys (partner_id, created_at, id);
CREATE INDEX license_keys_of_policy            ON license_keys (policy_id, created_at, id);
CREATE INDEX license_keys_of_policy_group      ON license_keys (policy_group_id, created_at, id);
CREATE INDEX license_keys_in_state             ON license_keys (state, created_at, id);

-- What happened, in the order in which it was committed. A commit takes its numbers from event_counter and holds that
-- row until it ends: no number is ever added below one that was read, and none is left out. Why:
-- docs/adr/0009-order-of-events-in-postgresql.md.
CREATE TABLE events (
    sequence     BIGINT           NOT NULL PRIMARY KEY,
    at           BIGINT           NOT NULL,
    actor        TEXT COLLATE "C" NOT NULL,
    kind         TEXT COLLATE "C" NOT NULL,
    subject_kind TEXT COLLATE "C" NOT NULL,  -- which record changed: its kind
    subject_id   TEXT COLLATE "C" NOT NULL,  -- and its id
    version      BIGINT           NOT NULL,  -- the record's version after the change
    partner_id   TEXT COLLATE "C",  -- the partner it concerns
    old_state    TEXT COLLATE "C",
    new_state    TEXT COLLATE "C",
    facts        TEXT COLLATE "C" NOT NULL CHECK (facts LIKE '{%}')  -- a JSON object of texts
);

CREATE TABLE event_counter (
    id   BIGINT           NOT NULL PRIMARY KEY CHECK (id = 1),
    last BIGINT           NOT NULL CHECK (last >= 0)  -- the greatest number in events, 0 before the first
);

INSERT INTO event_counter (id, last) VALUES (1, 0);
