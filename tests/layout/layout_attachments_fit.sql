{#
Property: every attachment belongs to a media message, and is not older.
Reads: the synthetic source tables. Returns: one row per broken rule, counts only.
#}
{{ config(tags=['layout'], enabled=on_generated_tables()) }}

with

broken as (

    select
        count(*) filter (where messages.id is null) as n_orphans,
        count(*) filter (where attachments."createdAt" < messages."createdAt") as n_early
    from {{ source('chat', 'attachments') }} as attachments
    left join {{ source('chat', 'messages') }} as messages
        on attachments."messageId" = messages.id and messages.type != 'TEXT'

),

final as (

    select
        'attachments_without_media_message' as rule,
        n_orphans as n_rows
    from broken
    where n_orphans > 0

    union all

    select
        'attachment_older_than_message' as rule,
        n_early as n_rows
    from broken
    where n_early > 0

)

select * from final
