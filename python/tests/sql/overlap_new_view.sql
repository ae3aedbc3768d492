create or replace view shape_source.members with (security_barrier = true) as
select
    1::bigint as conversation_id,
    1::bigint as user_id;
