-- The most that was kept of anybody.
select
    (
        select max(n)::integer
        from (select count(*) as n from shape.int_memberships__bounded group by user_id) as people
    ) as n_conversations,
    (
        select max(n)::integer
        from (
            select count(*) as n from shape.int_messages__bounded
            where is_counted
            group by sender_id
        ) as people
    ) as n_messages,
    (
        select max(n)::integer
        from (
            select count(*) as n from shape.int_messages__bounded
            where is_hourly
            group by sender_id, floor(sent_epoch / 3600)::bigint % 168
        ) as people
    ) as n_hourly,
    (
        select max(n)::integer
        from (
            select count(*) as n
            from shape.int_attachments__bounded as files
            inner join shape.int_messages__bounded as messages
                on files.message_id = messages.message_id
            group by messages.sender_id
        ) as people
    ) as n_files
