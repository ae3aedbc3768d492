-- name: ledger_extent
-- params: sent_at, relation, where: SQL of the source mapping
-- returns: first_sent_at, last_sent_at timestamptz: an index gives them, or one plain scan

select
    min({sent_at}) as first_sent_at,
    max({sent_at}) as last_sent_at
from {relation} as mapped
where {where}
