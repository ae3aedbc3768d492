-- name: owned_on_baseline
-- params: none
-- returns: nothing; a view of somebody's on an imported pack, and a table named like dbt's checks
create view public.figures as select count(*) as n_rows from shape_baseline.shape_metrics;
create schema if not exists shape;
create table shape.fid_mine as select 1 as id;
