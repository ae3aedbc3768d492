-- name: generated_view
-- params: none
-- returns: nothing; a view such as dbt makes
create view perf_synthetic_view as select id from perf_synthetic.messages;
