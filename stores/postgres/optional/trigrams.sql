-- What only PostgreSQL with the extension pg_trgm can have: indexes for "contains" filters, one per list, so that such
-- a filter need not look at every row. Without them everything works the same. The store runs this file after 0001
-- where it may; a database administrator may run it later, with the extension's schema in place of {trigrams}.

CREATE INDEX partners_words ON partners
    USING gin (organization_folded {trigrams}.gin_trgm_ops, policy_group_name_folded {trigrams}.gin_trgm_ops);

CREATE INDEX ca_certificates_words ON ca_certificates
    USING gin (subject_folded {trigrams}.gin_trgm_ops, issuer_folded {trigrams}.gin_trgm_ops);

CREATE INDEX policy_groups_words ON policy_groups USING gin (name_folded {trigrams}.gin_trgm_ops);

CREATE INDEX policies_words ON policies
    USING gin (name_folded {trigrams}.gin_trgm_ops, group_name_folded {trigrams}.gin_trgm_ops);

CREATE INDEX policy_links_words ON policy_links
    USING gin (organization_folded {trigrams}.gin_trgm_ops, policy_name_folded {trigrams}.gin_trgm_ops,
               policy_group_name_folded {trigrams}.gin_trgm_ops);

CREATE INDEX license_keys_words ON license_keys
    USING gin (organization_folded {trigrams}.gin_trgm_ops, policy_name_folded {trigrams}.gin_trgm_ops,
               policy_group_name_folded {trigrams}.gin_trgm_ops, name_folded {trigrams}.gin_trgm_ops);
