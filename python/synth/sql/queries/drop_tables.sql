-- name: drop_tables
-- params: none
-- returns: nothing; drops the six tables of a run, and refuses while anything else stands on them
drop table if exists
    {schema}.message_reads, {schema}.attachments, {schema}.messages, {schema}.conversation_users,
    {schema}.conversations, {schema}.users
