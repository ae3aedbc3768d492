-- name: owned_verdict
-- params: none
-- returns: nothing; somebody's table with the name of dbt's verdict
create schema shape;
create table shape.fid_verdict as select 'precious' as is_go
