-- name: generated_altered
-- params: none; the test runs one statement on empty tables
-- returns: nothing
-- What somebody may do to the tables of a run, each headed by "altered: what"

-- altered: a column more
alter table perf_synthetic.messages add column note text not null;

-- altered: a column less
alter table perf_synthetic.messages drop column content;

-- altered: another name
alter table perf_synthetic.users rename column phone to telephone;

-- altered: another type
alter table perf_synthetic.message_reads alter column "readAt" type timestamptz(0);

-- altered: a check
alter table perf_synthetic.attachments add constraint small check ("sizeBytes" < 0);
