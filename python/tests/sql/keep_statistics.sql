-- What the planner knows stays as it is: a sample taken anew gives other figures of the same rows.
alter table app.users set (autovacuum_enabled = false);
alter table app.conversations set (autovacuum_enabled = false);
alter table app.conversation_users set (autovacuum_enabled = false);
alter table app.messages set (autovacuum_enabled = false);
alter table app.attachments set (autovacuum_enabled = false);
alter table app.message_reads set (autovacuum_enabled = false);
