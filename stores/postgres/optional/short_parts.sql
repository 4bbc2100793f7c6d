-- What no other database may have, beside trigrams.sql: an index for parts of a name that are too short for a trigram. It
-- lists each license key under the characters of its name and under each two that follow one another, so that a page for
-- a short part that few keys have, or none, need not look at every key. Without it everything works the same. The store
-- runs this file after the migrations where it may; a database administrator may run it later, and again.

CREATE INDEX IF NOT EXISTS license_keys_short_parts ON license_keys USING gin ((
    string_to_array(regexp_replace(name_folded, '(..)', E'\\1\x01', 'g') || E'\x01'
                    || regexp_replace(substr(name_folded, 2), '(..)', E'\\1\x01', 'g'), E'\x01')
    || string_to_array(name_folded, NULL)));
