-- License keys are listed by state: each order is that of an index (state, sort value, id), and a list of all states is
-- the three of them merged. The index also holds what most often decides that a key is passed over, its policy and its
-- end, so that this needs no look at the table.

DROP INDEX license_keys_by_partner;
DROP INDEX license_keys_by_organization;
DROP INDEX license_keys_by_policy_group_name;
DROP INDEX license_keys_by_policy_name;
DROP INDEX license_keys_by_name;
DROP INDEX license_keys_by_created_at;
DROP INDEX license_keys_by_expires_at;
-- The keys of one partner or policy are found by (partner or policy, created_at, id), and sorted for any other order.
DROP INDEX license_keys_of_partner_by_group;
DROP INDEX license_keys_of_partner_by_policy;
DROP INDEX license_keys_of_partner_by_name;
DROP INDEX license_keys_of_partner_by_expiry;
-- The keys of a group are those of its policies.
DROP INDEX license_keys_of_policy_group;

CREATE INDEX license_keys_in_state_by_partner      ON license_keys (state, partner_id_folded, id, policy_id, expires_at);
CREATE INDEX license_keys_in_state_by_organization ON license_keys (state, organization_folded, id, policy_id, expires_at);
CREATE INDEX license_keys_in_state_by_policy_group ON license_keys (state, policy_group_name_folded, id, expires_at);
CREATE INDEX license_keys_in_state_by_policy       ON license_keys (state, policy_name_folded, id, expires_at);
CREATE INDEX license_keys_in_state_by_name         ON license_keys (state, name_folded, id, policy_id, expires_at);
CREATE INDEX license_keys_in_state_by_expiry       ON license_keys (state, expires_at, id, policy_id, created_at);
-- What has expired and what has not, newest or oldest first: of keys that are good for equally many whole days it is the
-- older ones that have expired.
CREATE INDEX license_keys_in_state_by_validity ON license_keys (state, ((expires_at - created_at) / 86400000000), created_at, id);

-- A key that replaces another, or is replaced, names it before it is there: when the row comes, SQLite looks for the rows
-- that wait for it.
CREATE INDEX license_keys_replaces    ON license_keys (replaces_id)    WHERE replaces_id IS NOT NULL;
CREATE INDEX license_keys_replaced_by ON license_keys (replaced_by_id) WHERE replaced_by_id IS NOT NULL;

-- By what parts of a name are found: three characters or more, folded already. What has the same trigrams in another
-- order is found too, and a name that changed by the old one; whoever searches compares the row itself as well. No trigger fills these tables: the store does, at the
-- end of each commit, for FTS5 writes out what it has gathered whenever a statement with a trigger begins.
CREATE VIRTUAL TABLE partner_words USING fts5
    (id UNINDEXED, text, tokenize = 'trigram case_sensitive 1', detail = none, columnsize = 0);
CREATE VIRTUAL TABLE license_key_words USING fts5
    (id UNINDEXED, text, tokenize = 'trigram case_sensitive 1', detail = none, columnsize = 0);

INSERT INTO partner_words (id, text) SELECT id, organization_folded FROM partners ORDER BY id;
INSERT INTO license_key_words (id, text) SELECT id, name_folded FROM license_keys ORDER BY id;
