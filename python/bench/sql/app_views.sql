-- name: app_views
-- params: none
-- returns: nothing; the generated tables under the name the extraction reads
drop schema if exists app cascade;
create schema app;
create view app.users as table perf_synthetic.users;
create view app.conversations as table perf_synthetic.conversations;
create view app.conversation_users as table perf_synthetic.conversation_users;
create view app.messages as table perf_synthetic.messages;
create view app.attachments as table perf_synthetic.attachments;
create view app.message_reads as table perf_synthetic.message_reads;
