-- What only PostgreSQL with the extension pg_trgm can have: indexes for "contains" filters, one per list, so that such
-- a filter need not look at every row. Without them everything works the same. The store runs this file after the
-- migrations where it may; a database administrator may run it later, and again, with the extension's schema in place of
-- {trigrams}.

CREATE INDEX IF NOT EXISTS partners_words ON partners
    USING gin (organization_folded {trigrams}.gin_trgm_ops, policy_group_name_folded {trigrams}.gin_trgm_ops);

CREATE INDEX IF NOT EXISTS ca_certificates_words ON ca_certificates
    USING gin (subject_folded {trigrams}.gin_trgm_ops, issuer_folded {trigrams}.gin_trgm_ops);

CREATE INDEX IF NOT EXISTS policy_groups_words ON policy_groups USING gin (name_folded {trigrams}.gin_trgm_ops);

CREATE INDEX IF NOT EXISTS policies_words ON policies
    USING gin (name_folded {trigrams}.gin_trgm_ops, group_name_folded {trigrams}.gin_trgm_ops);

CREATE INDEX IF NOT EXISTS policy_links_words ON policy_links
    USING gin (organization_folded {trigrams}.gin_trgm_ops, policy_name_folded {trigrams}.gin_trgm_ops,
               policy_group_name_folded {trigrams}.gin_trgm_ops);

-- Of a license key the name alone: the names of its partner and policy are looked for there. Version 1 had all of them.
DROP INDEX IF EXISTS license_keys_words;
CREATE INDEX IF NOT EXISTS license_keys_names ON license_keys USING gin (name_folded {trigrams}.gin_trgm_ops);
