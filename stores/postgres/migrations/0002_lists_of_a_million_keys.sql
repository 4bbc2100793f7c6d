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

-- The rows of a partner in the other orders of its links, as there are few of them.
CREATE INDEX policy_links_of_partner_by_policy ON policy_links (partner_id, policy_name_folded, id);
CREATE INDEX policy_links_of_partner_by_group  ON policy_links (partner_id, policy_group_name_folded, id);
CREATE INDEX policy_links_of_partner_by_state  ON policy_links (partner_id, state, id);

-- What a state asks of other columns; nothing that the engine decides violates it.
ALTER TABLE ca_certificates ADD CONSTRAINT ca_certificates_distrusted
    CHECK ((state = 'distrusted') = (distrusted_at IS NOT NULL)
       AND (state = 'distrusted') = (distrust_reason IS NOT NULL));
ALTER TABLE policies ADD CONSTRAINT policies_published CHECK (state = 'draft' OR published_at IS NOT NULL);
ALTER TABLE partners ADD CONSTRAINT partners_certified
    CHECK (CASE state WHEN 'active' THEN certificate_id IS NOT NULL
                      WHEN 'inactive' THEN certificate_id IS NULL
                      ELSE TRUE END);
ALTER TABLE policy_links ADD CONSTRAINT policy_links_decided
    CHECK ((state <> 'pending') = (decided_at IS NOT NULL) AND (state <> 'pending') = (decided_by IS NOT NULL));
ALTER TABLE license_keys ADD CONSTRAINT license_keys_replaced
    CHECK (state <> 'replaced' OR (overlap_ends_at IS NOT NULL AND replaced_by_id IS NOT NULL));
ALTER TABLE license_keys ADD CONSTRAINT license_keys_deactivated
    CHECK ((state = 'deactivated') = (deactivated_at IS NOT NULL));
