-- By what parts of a name are found, also of one or two characters: each text has U+0001 twice behind its end, so that any
-- character of it begins a trigram, and the tables of trigrams list those that begin with a part. All else is as before:
-- what has the same trigrams in another order is found too, and a name that changed by the old one; the store fills the
-- tables at the end of each commit, as FTS5 writes out what it has gathered whenever a statement with a trigger begins.

DROP TABLE partner_words;
DROP TABLE license_key_words;

CREATE VIRTUAL TABLE partner_words USING fts5
    (id UNINDEXED, text, tokenize = 'trigram case_sensitive 1', detail = none, columnsize = 0);
CREATE VIRTUAL TABLE license_key_words USING fts5
    (id UNINDEXED, text, tokenize = 'trigram case_sensitive 1', detail = none, columnsize = 0);

-- Each commit adds a segment, and each search looks into all of them: two of a size are merged, not four.
INSERT INTO partner_words (partner_words, rank) VALUES ('automerge', 2);
INSERT INTO license_key_words (license_key_words, rank) VALUES ('automerge', 2);

CREATE VIRTUAL TABLE partner_trigrams     USING fts5vocab (partner_words, row);
CREATE VIRTUAL TABLE license_key_trigrams USING fts5vocab (license_key_words, row);

INSERT INTO partner_words (id, text) SELECT id, organization_folded || char(1, 1) FROM partners ORDER BY id;
INSERT INTO license_key_words (id, text) SELECT id, name_folded || char(1, 1) FROM license_keys ORDER BY id;

-- Newest first is the order of most lists: with what most often decides that a key is passed over, as the other orders have.
DROP INDEX license_keys_in_state;
CREATE INDEX license_keys_in_state ON license_keys (state, created_at, id, policy_id, expires_at);
