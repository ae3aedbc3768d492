-- name: others_gone
-- params: none
-- returns: nothing; drops what others_depend made, but the view that has the name of dbt's
drop view public.on_a_view;
drop materialized view shape.their_own;
drop function public.how_many();
drop table public.notes;
