-- name: generated_texts
-- params: n_rows integer
-- returns: column_name, body text: up to n_rows of every text column a person's data could be in
select
    columns.column_name,
    columns.body
from (
    (
        select
            person.column_name,
            person.body
        from (select * from perf_synthetic.users order by id limit %(n_rows)s) as users
        cross join lateral (
            values
            ('users.username', users.username),
            ('users.email', users.email),
            ('users.displayName', users."displayName"),
            ('users.phone', users.phone),
            ('users.avatarUrl', users."avatarUrl"),
            ('users.bio', users.bio),
            ('users.lastDevice', users."lastDevice")
        ) as person (column_name, body)
    )
    union all
    (select 'conversations.name', name from perf_synthetic.conversations order by id limit %(n_rows)s)
    union all
    (select 'messages.content', content from perf_synthetic.messages order by id limit %(n_rows)s)
    union all
    (select 'messages.type', type from perf_synthetic.messages order by id limit 100)
    union all
    (
        select 'attachments.fileName', "fileName"
        from perf_synthetic.attachments
        order by id
        limit %(n_rows)s
    )
    union all
    (select 'attachments.url', url from perf_synthetic.attachments order by id limit %(n_rows)s)
) as columns
where columns.body is not null
