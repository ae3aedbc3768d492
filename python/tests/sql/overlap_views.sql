-- Other views over the same tables, and tables of their own.
create schema seen;
create view seen.users as table app.users;
create view seen.conversations as table app.conversations;
create view seen.conversation_users as table app.conversation_users;
create view seen.messages as table app.messages;
create view seen.message_reads as table app.message_reads;
create view seen.attachments as table app.attachments;
create schema other;
create table other.users as table app.users;
create table other.conversations as table app.conversations;
create table other.conversation_users as table app.conversation_users;
create table other.messages as table app.messages;
create table other.message_reads as table app.message_reads;
create table other.attachments as table app.attachments;
create schema shape;
comment on schema shape is 'prodshape: the shape';
create table shape.messages as table app.messages;
create function shape.given() returns setof app.messages
language plpgsql as $$ begin return query table app.messages; end $$;
