-- name: drop_work
-- params: none
-- returns: nothing; a run's working tables and their schema are gone, which hold nothing that the
--          spec and the seed do not; refuses while anything else is in it or stands on them
drop table if exists
    {work}.intact, {work}.draft, {work}.drawn, {work}.conversation, {work}.person, {work}.slot,
    {work}.member, {work}.room, {work}.timeline, {work}.slice;
drop function if exists
    {work}.as_id(integer, bigint), {work}.text_at(bytea, integer, integer);
drop schema if exists {work};
