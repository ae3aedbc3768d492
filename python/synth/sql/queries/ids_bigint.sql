-- name: ids_bigint
-- params: none
-- returns: nothing; makes as_id(kind, number), the id of row `number` of a kind: 1 users,
--          2 conversations, 3 messages, 4 attachments, whose numbers have gaps
-- Inlined, so it costs nothing. Not strict: an unused argument would keep it from being inlined.
create function {work}.as_id(p_kind integer, p_number bigint)
returns bigint
language sql
immutable
parallel safe
return p_number
