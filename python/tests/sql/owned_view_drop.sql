-- name: owned_view_drop
-- params: none
-- returns: nothing
drop view shape.stg_mine
