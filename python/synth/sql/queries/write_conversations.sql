-- name: write_conversations
-- params: type_labels text[]; first_words, second_words text[]
-- returns: nothing; writes conversations, in the order of their ids
insert into {schema}.conversations (id, type, name, "createdAt", "updatedAt")
select
    {work}.as_id(2, conversation_id),
    (%(type_labels)s::text[])[type_no],
    case
        when (%(type_labels)s::text[])[type_no] <> 'DIRECT_MESSAGE'
            then (%(first_words)s::text[])[
                1 + mod((draft_key & 1048575)::integer, cardinality(%(first_words)s::text[]))
            ] || ' ' || (%(second_words)s::text[])[
                1 + mod(
                    ((draft_key >> 20) & 1048575)::integer, cardinality(%(second_words)s::text[])
                )
            ]
    end,
    to_timestamp(created_ms / 1000.0::float8),
    to_timestamp(last_ms / 1000.0::float8)
from {work}.conversation
order by conversation_id
