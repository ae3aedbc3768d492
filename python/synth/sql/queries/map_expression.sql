-- name: map_expression
-- params: relation, expression: SQL of the source mapping
-- returns: one column, the canonical one; only described, never run

select {expression}
as canonical
from {relation}
as mapped
