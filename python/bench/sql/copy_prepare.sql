-- name: copy_prepare
-- params: none
-- returns: nothing; empty tables like the generated ones, without constraints or indexes
drop schema if exists bench_copy cascade;
create schema bench_copy;
create table bench_copy.users as table perf_synthetic.users with no data;
create table bench_copy.conversations as table perf_synthetic.conversations with no data;
create table bench_copy.conversation_users as table perf_synthetic.conversation_users with no data;
create table bench_copy.messages as table perf_synthetic.messages with no data;
create table bench_copy.attachments as table perf_synthetic.attachments with no data;
create table bench_copy.message_reads as table perf_synthetic.message_reads with no data;
