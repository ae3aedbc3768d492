-- Somebody's own, on what dbt built.
create schema bi;
create view bi.sizes as select * from shape.shape_metrics;
create materialized view bi.kept as select count(*) as n_rows from bi.sizes;
