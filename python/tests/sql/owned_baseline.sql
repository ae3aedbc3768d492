-- name: owned_baseline
-- params: none
-- returns: nothing; somebody's schema that is named and commented like an imported pack
create schema shape_baseline;
comment on schema shape_baseline is 'prodshape baseline, made by synth import';
create table shape_baseline.shape_metrics as select 'precious' as entity;
create table shape_baseline.pack_meta as
select 'precious' as sha256, date '2020-01-01' as retention_until;
