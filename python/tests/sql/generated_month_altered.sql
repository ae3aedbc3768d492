-- name: generated_month_altered
-- params: {partition} one of the messages'
-- returns: nothing; a constraint of its own, which no rows of a run hold
alter table perf_synthetic.{partition} add constraint sole unique ("senderId")
