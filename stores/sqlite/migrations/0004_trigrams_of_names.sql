-- The trigrams that occur in the indexes of words, each once. FTS5 looks for a trigram in each segment of its index, and each
-- commit adds a segment: most parts of a name that nothing has are told here by one search. The store adds the trigrams of
-- what it adds to the index; none is ever taken out, as the index keeps names that changed too.
--
-- Until now a view of FTS5's listed them, at the cost of a walk over every segment.

CREATE TABLE partner_trigrams_listed     (term TEXT NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE license_key_trigrams_listed (term TEXT NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID;

INSERT INTO partner_trigrams_listed     SELECT term FROM partner_trigrams;
INSERT INTO license_key_trigrams_listed SELECT term FROM license_key_trigrams;

DROP TABLE partner_trigrams;
DROP TABLE license_key_trigrams;
ALTER TABLE partner_trigrams_listed     RENAME TO partner_trigrams;
ALTER TABLE license_key_trigrams_listed RENAME TO license_key_trigrams;
