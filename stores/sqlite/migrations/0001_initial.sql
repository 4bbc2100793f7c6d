-- The records of the onboarding engine and what happened to them.
--
-- Conventions of every table:
-- * Instants are INTEGER microseconds since 1970-01-01T00:00:00Z. "datetime(created_at / 1000000, 'unixepoch')" shows
--   one to the second.
-- * Identifiers that the engine makes are UUIDs of version 7, written as 36 characters.
-- * A column named x_folded holds x in the form in which texts that differ only in case are equal. It is what is
--   unique, sorted by and searched, all of it byte by byte.
-- * version counts the changes of a record; a change names the version that it was decided on.
-- * A state is compared with its values one by one: for each row that is written, SQLite makes a table of a list of three
--   to look it up in, which is a tenth of the work of adding a license key.
-- * A constraint with a name says what a state asks of other columns; nothing that the engine decides violates it.
-- * A list is read in the order of an index (sort value, id), and the rows of a partner, of which there are few, in
--   the order of an index (partner, sort value, id). For that reason names that belong to another table are
--   repeated in the lists that are sorted by them; the triggers at the end keep the copies equal to the original.
--   Where a row has no such name the copy is '', where it has no such instant it is the latest one,
--   253402207199999999.

CREATE TABLE trust_domains (
    domain  TEXT    NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL CHECK (version >= 1)
) STRICT;

CREATE TABLE ca_certificates (
    id              TEXT    NOT NULL PRIMARY KEY CHECK (length(id) = 36),
    domain          TEXT    NOT NULL REFERENCES trust_domains (domain) DEFERRABLE INITIALLY DEFERRED,
    kind            TEXT    NOT NULL CHECK (kind IN ('root', 'intermediate')),
    state           TEXT    NOT NULL CHECK (state IN ('trusted', 'distrusted')),
    der             BLOB    NOT NULL,                            -- the certificate as uploaded
    fingerprint     BLOB    NOT NULL CHECK (length(fingerprint) = 32),  -- SHA-256 of der
    subject         TEXT    NOT NULL,                            -- RFC 4514
    subject_folded  TEXT    NOT NULL,
    issuer          TEXT    NOT NULL,                            -- RFC 4514
    issuer_folded   TEXT    NOT NULL,
    not_before      INTEGER NOT NULL,
    not_after       INTEGER NOT NULL,                            -- the last instant at which it is valid
    uploaded_at     INTEGER NOT NULL,
    uploaded_by     TEXT    NOT NULL,
    distrusted_at   INTEGER,
    distrust_reason TEXT,
    version         INTEGER NOT NULL CHECK (version >= 1),
    UNIQUE (domain, fingerprint),
    CONSTRAINT ca_certificates_distrusted
        CHECK ((state = 'distrusted') = (distrusted_at IS NOT NULL)
           AND (state = 'distrusted') = (distrust_reason IS NOT NULL))
) STRICT;

CREATE INDEX ca_certificates_by_subject     ON ca_certificates (subject_folded, id);
CREATE INDEX ca_certificates_by_issuer      ON ca_certificates (issuer_folded, id);
CREATE INDEX ca_certificates_by_uploaded_at ON ca_certificates (uploaded_at, id);
CREATE INDEX ca_certificates_by_not_after   ON ca_certificates (not_after, id);
CREATE INDEX ca_certificates_of_domain      ON ca_certificates (domain, uploaded_at, id);

CREATE TABLE policy_groups (
    id          TEXT    NOT NULL PRIMARY KEY CHECK (length(id) = 36),
    name        TEXT    NOT NULL,
    name_folded TEXT    NOT NULL UNIQUE,
    description TEXT    NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN ('active', 'deactivated')),
    created_at  INTEGER NOT NULL,
    created_by  TEXT    NOT NULL,
    version     INTEGER NOT NULL CHECK (version >= 1)
) STRICT;

CREATE INDEX policy_groups_by_created_at ON policy_groups (created_at, id);

CREATE TABLE policies (
    id                                   TEXT    NOT NULL PRIMARY KEY CHECK (length(id) = 36),
    group_id                             TEXT    NOT NULL REFERENCES policy_groups (id) DEFERRABLE INITIALLY DEFERRED,
    group_name_folded                    TEXT    NOT NULL,       -- copy of policy_groups.name_folded
    name                                 TEXT    NOT NULL,
    name_folded                          TEXT    NOT NULL,
    description                          TEXT    NOT NULL,
    document                             TEXT    NOT NULL,       -- JSON, kept to the letter
    -- What the document allows; false where it does not say. Authentication reads these and not the document.
    allow_auth_request_delegation        INTEGER NOT NULL CHECK (allow_auth_request_delegation IN (0, 1)),
    allow_kyc_request_delegation         INTEGER NOT NULL CHECK (allow_kyc_request_delegation IN (0, 1)),
    trust_binded_auth_verification_token INTEGER NOT NULL CHECK (trust_binded_auth_verification_token IN (0, 1)),
    allow_key_binding_delegation         INTEGER NOT NULL CHECK (allow_key_binding_delegation IN (0, 1)),
    valid_until                          INTEGER,                -- the first instant at which it is not valid any more
    state                                TEXT    NOT NULL CHECK (state = 'draft' OR state = 'active' OR state = 'deactivated'),
    created_at                           INTEGER NOT NULL,
    created_by                           TEXT    NOT NULL,
    published_at                         INTEGER,
    version                              INTEGER NOT NULL CHECK (version >= 1),
    UNIQUE (group_id, name_folded),
    CONSTRAINT policies_published CHECK (state = 'draft' OR published_at IS NOT NULL)
) STRICT;

CREATE INDEX policies_by_name       ON policies (name_folded, id);
CREATE INDEX policies_by_group_name ON policies (group_name_folded, id);
CREATE INDEX policies_by_created_at ON policies (created_at, id);
CREATE INDEX policies_of_group      ON policies (group_id, created_at, id);
CREATE INDEX policies_in_state      ON policies (state, created_at, id);

CREATE TABLE partners (
    id                       TEXT    NOT NULL PRIMARY KEY,
    id_folded                TEXT    NOT NULL UNIQUE,
    organization             TEXT    NOT NULL,
    organization_folded      TEXT    NOT NULL,
    address                  TEXT    NOT NULL,
    contact_number           TEXT    NOT NULL,
    email                    TEXT    NOT NULL,
    email_folded             TEXT    NOT NULL UNIQUE,
    language                 TEXT    NOT NULL CHECK (length(language) = 3),  -- ISO 639-3
    policy_group_id          TEXT    REFERENCES policy_groups (id) DEFERRABLE INITIALLY DEFERRED,
    policy_group_name_folded TEXT    NOT NULL,                   -- copy of policy_groups.name_folded, '' where none
    state                    TEXT    NOT NULL CHECK (state = 'inactive' OR state = 'active' OR state = 'deactivated'),
    certificate_id           TEXT    REFERENCES partner_certificates (id) DEFERRABLE INITIALLY DEFERRED,  -- the current one
    certificate_ends         INTEGER NOT NULL,                   -- copy of its not_after, the latest instant where none
    created_at               INTEGER NOT NULL,
    created_by               TEXT    NOT NULL,
    updated_at               INTEGER NOT NULL,
    updated_by               TEXT    NOT NULL,
    version                  INTEGER NOT NULL CHECK (version >= 1),
    CONSTRAINT partners_certified
        CHECK (CASE state WHEN 'active' THEN certificate_id IS NOT NULL
                          WHEN 'inactive' THEN certificate_id IS NULL
                          ELSE true END)
) STRICT;

CREATE INDEX partners_by_organization      ON partners (organization_folded, id);
CREATE INDEX partners_by_policy_group_name ON partners (policy_group_name_folded, id);
CREATE INDEX partners_by_state             ON partners (state, id);
CREATE INDEX partners_by_created_at        ON partners (created_at, id);
CREATE INDEX partners_by_certificate_ends  ON partners (certificate_ends, id);
CREATE INDEX partners_of_policy_group      ON partners (policy_group_id, created_at, id);
CREATE INDEX partners_in_state             ON partners (state, created_at, id);
CREATE INDEX partners_of_certificate       ON partners (certificate_id);

CREATE TABLE partner_certificates (
    id            TEXT    NOT NULL PRIMARY KEY CHECK (length(id) = 36),
    partner_id    TEXT    NOT NULL REFERENCES partners (id) DEFERRABLE INITIALLY DEFERRED,
    der           BLOB    NOT NULL,                              -- the certificate as uploaded
    fingerprint   BLOB    NOT NULL CHECK (length(fingerprint) = 32),    -- SHA-256 of der
    subject       TEXT    NOT NULL,                              -- RFC 4514
    issuer        TEXT    NOT NULL,                              -- RFC 4514
    serial_number TEXT    NOT NULL,                              -- hexadecimal
    not_before    INTEGER NOT NULL,
    not_after     INTEGER NOT NULL,                              -- the last instant at which it is valid
    domain        TEXT    NOT NULL,                              -- the trust domain that it was accepted in
    uploaded_at   INTEGER NOT NULL,
    uploaded_by   TEXT    NOT NULL,
    replaced_at   INTEGER,
    version       INTEGER NOT NULL CHECK (version >= 1)
) STRICT;

-- That a partner has one current certificate is no unique index: of two first uploads at once the later one would
-- violate it before the partner's version, which is what makes the engine decide again, is compared.
CREATE INDEX partner_certificates_of_partner ON partner_certificates (partner_id, uploaded_at, id);

-- The CA certificates that a partner certificate was accepted over, its issuer at position 0, the root last.
CREATE TABLE partner_certificate_paths (
    certificate_id TEXT    NOT NULL REFERENCES partner_certificates (id) DEFERRABLE INITIALLY DEFERRED,
    position       INTEGER NOT NULL CHECK (position >= 0),
    fingerprint    BLOB    NOT NULL CHECK (length(fingerprint) = 32),
    PRIMARY KEY (certificate_id, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX partner_certificate_paths_over_ca ON partner_certificate_paths (fingerprint, certificate_id);

CREATE TABLE policy_links (
    id                       TEXT    NOT NULL PRIMARY KEY CHECK (length(id) = 36),
    partner_id               TEXT    NOT NULL REFERENCES partners (id) DEFERRABLE INITIALLY DEFERRED,
    partner_id_folded        TEXT    NOT NULL,
    organization_folded      TEXT    NOT NULL,                   -- copy of partners.organization_folded
    policy_id                TEXT    NOT NULL REFERENCES policies (id) DEFERRABLE INITIALLY DEFERRED,
    policy_name_folded       TEXT    NOT NULL,                   -- copy of policies.name_folded
    policy_group_id          TEXT,                               -- copy of policies.group_id
    policy_group_name_folded TEXT    NOT NULL,                   -- copy of policies.group_name_folded
    state                    TEXT    NOT NULL CHECK (state = 'pending' OR state = 'approved' OR state = 'rejected'),
    request_comment          TEXT    NOT NULL,
    requested_at             INTEGER NOT NULL,
    requested_by             TEXT    NOT NULL,
    decided_at               INTEGER,
    decided_by               TEXT,
    decision_comment         TEXT,
    version                  INTEGER NOT NULL CHECK (version >= 1),
    CONSTRAINT policy_links_decided
        CHECK ((state <> 'pending') = (decided_at IS NOT NULL) AND (state <> 'pending') = (decided_by IS NOT NULL))
) STRICT;

CREATE UNIQUE INDEX policy_links_open          ON policy_links (partner_id, policy_id) WHERE state <> 'rejected';
CREATE INDEX policy_links_approved             ON policy_links (partner_id, policy_id) WHERE state = 'approved';
CREATE INDEX policy_links_by_partner           ON policy_links (partner_id_folded, id);
CREATE INDEX policy_links_by_organization      ON policy_links (organization_folded, id);
CREATE INDEX policy_links_by_policy_name       ON policy_links (policy_name_folded, id);
CREATE INDEX policy_links_by_policy_group_name ON policy_links (policy_group_name_folded, id);
CREATE INDEX policy_links_by_state             ON policy_links (state, id);
CREATE INDEX policy_links_by_requested_at      ON policy_links (requested_at, id);
CREATE INDEX policy_links_of_partner           ON policy_links (partner_id, requested_at, id);
CREATE INDEX policy_links_of_partner_by_policy ON policy_links (partner_id, policy_name_folded, id);
CREATE INDEX policy_links_of_partner_by_group  ON policy_links (partner_id, policy_group_name_folded, id);
CREATE INDEX policy_links_of_partner_by_state  ON policy_links (partner_id, state, id);
CREATE INDEX policy_links_of_policy            ON policy_links (policy_id, requested_at, id);
CREATE INDEX policy_links_of_policy_group      ON policy_links (policy_group_id, requested_at, id);
CREATE INDEX policy_links_in_state             ON policy_links (state, requested_at, id);

CREATE TABLE license_keys (
    id                       TEXT    NOT NULL PRIMARY KEY CHECK (length(id) = 36),
    partner_id               TEXT    NOT NULL REFERENCES partners (id) DEFERRABLE INITIALLY DEFERRED,
    partner_id_folded        TEXT    NOT NULL,
    organization_folded      TEXT    NOT NULL,                   -- copy of partners.organization_folded
    policy_id                TEXT    REFERENCES policies (id) DEFERRABLE INITIALLY DEFERRED,
    policy_name_folded       TEXT    NOT NULL,                   -- copy of policies.name_folded, '' where none
    policy_group_id          TEXT,                               -- copy of policies.group_id
    policy_group_name_folded TEXT    NOT NULL,                   -- copy of policies.group_name_folded, '' where none
    name                     TEXT    NOT NULL,
    name_folded              TEXT    NOT NULL,
    digest                   BLOB    NOT NULL UNIQUE CHECK (length(digest) = 32),  -- what the key is found by, never the key
    last4                    TEXT    NOT NULL CHECK (length(last4) <= 4),          -- all of the key that can be shown
    state                    TEXT    NOT NULL CHECK (state = 'active' OR state = 'replaced' OR state = 'deactivated'),
    origin                   TEXT    NOT NULL CHECK (origin IN ('generated', 'imported')),
    created_at               INTEGER NOT NULL,
    created_by               TEXT    NOT NULL,
    expires_at               INTEGER NOT NULL,                   -- the first instant at which it is not good any more
    overlap_ends_at          INTEGER,                            -- the same for a replaced key
    deactivated_at           INTEGER,
    replaces_id              TEXT    REFERENCES license_keys (id) DEFERRABLE INITIALLY DEFERRED,
    replaced_by_id           TEXT    REFERENCES license_keys (id) DEFERRABLE INITIALLY DEFERRED,
    version                  INTEGER NOT NULL CHECK (version >= 1),
    CONSTRAINT license_keys_replaced
        CHECK (state <> 'replaced' OR (overlap_ends_at IS NOT NULL AND replaced_by_id IS NOT NULL)),
    CONSTRAINT license_keys_deactivated CHECK ((state = 'deactivated') = (deactivated_at IS NOT NULL))
) STRICT;

CREATE UNIQUE INDEX license_keys_live_name     ON license_keys (partner_id, name_folded) WHERE state = 'active';
CREATE INDEX license_keys_by_partner           ON license_keys (partner_id_folded, id);
CREATE INDEX license_keys_by_organization      ON license_keys (organization_folded, id);
CREATE INDEX license_keys_by_policy_group_name ON license_keys (policy_group_name_folded, id);
CREATE INDEX license_keys_by_policy_name       ON license_keys (policy_name_folded, id);
CREATE INDEX license_keys_by_name              ON license_keys (name_folded, id);
CREATE INDEX license_keys_by_created_at        ON license_keys (created_at, id);
CREATE INDEX license_keys_by_expires_at        ON license_keys (expires_at, id);
CREATE INDEX license_keys_of_partner           ON license_keys (partner_id, created_at, id);
CREATE INDEX license_keys_of_partner_by_group  ON license_keys (partner_id, policy_group_name_folded, id);
CREATE INDEX license_keys_of_partner_by_policy ON license_keys (partner_id, policy_name_folded, id);
CREATE INDEX license_keys_of_partner_by_name   ON license_keys (partner_id, name_folded, id);
CREATE INDEX license_keys_of_partner_by_expiry ON license_keys (partner_id, expires_at, id);
CREATE INDEX license_keys_of_policy            ON license_keys (policy_id, created_at, id);
CREATE INDEX license_keys_of_policy_group      ON license_keys (policy_group_id, created_at, id);
CREATE INDEX license_keys_in_state             ON license_keys (state, created_at, id);

-- What happened, in the order in which it was committed. A number is never used twice, and no number is ever added
-- below one that was read: commits do not overlap.
CREATE TABLE events (
    sequence     INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    at           INTEGER NOT NULL,
    actor        TEXT    NOT NULL,
    kind         TEXT    NOT NULL,
    subject_kind TEXT    NOT NULL,                               -- which record changed: its kind
    subject_id   TEXT    NOT NULL,                               -- and its id
    version      INTEGER NOT NULL,                               -- the record's version after the change
    partner_id   TEXT,                                           -- the partner it concerns
    old_state    TEXT,
    new_state    TEXT,
    facts        TEXT    NOT NULL CHECK (json_valid(facts))      -- a JSON object of texts
) STRICT;

CREATE TRIGGER partners_organization AFTER UPDATE OF organization_folded ON partners BEGIN
    UPDATE policy_links SET organization_folded = new.organization_folded WHERE partner_id = new.id;
    UPDATE license_keys SET organization_folded = new.organization_folded WHERE partner_id = new.id;
END;

CREATE TRIGGER partner_certificates_not_after AFTER UPDATE OF not_after ON partner_certificates BEGIN
    UPDATE partners SET certificate_ends = new.not_after WHERE certificate_id = new.id;
END;

CREATE TRIGGER policy_groups_name AFTER UPDATE OF name_folded ON policy_groups BEGIN
    UPDATE policies SET group_name_folded = new.name_folded WHERE group_id = new.id;
    UPDATE partners SET policy_group_name_folded = new.name_folded WHERE policy_group_id = new.id;
END;

CREATE TRIGGER policies_name AFTER UPDATE OF name_folded, group_id, group_name_folded ON policies BEGIN
    UPDATE policy_links
    SET policy_name_folded = new.name_folded, policy_group_id = new.group_id,
        policy_group_name_folded = new.group_name_folded
    WHERE policy_id = new.id;
    UPDATE license_keys
    SET policy_name_folded = new.name_folded, policy_group_id = new.group_id,
        policy_group_name_folded = new.group_name_folded
    WHERE policy_id = new.id;
END;
