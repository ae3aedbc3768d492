{%- set limit = person_limit(var('dominance_limit'), var('boundary_targets'), target.name) -%}
{%- set quantile_shares = var('concentration_shares') | sort -%}
with

users as (

    select * from {{ ref('int_users') }}

),

conversations as (

    select * from {{ ref('int_conversations') }}

),

active as (

    select
        conversation_type,
        n_messages,
        senders_sketch,
        busiest_sketch,
        row_number() over (order by n_messages desc, conversation_id asc) as size_rank,
        count(*) over () as n_conversations
    from conversations
    where n_messages > 0

),

reads as (

    select * from {{ ref('int_read_receipts__messages') }}

),

delays as (

    select * from {{ ref('int_read_receipts__delay_buckets') }}

),

profile as (

    select
        field.label,
        field.has_it,
        users.person_bit
    from users
    cross join lateral (
        values
        ('avatar', users.has_avatar),
        ('bio', users.has_bio),
        ('phone', users.has_phone),
        ('display_name', users.has_display_name)
    ) as field (label, has_it)

),

empties as (

    select
        segment.segment,
        conversations.is_empty and not conversations.is_recoded as is_part,
        conversations.is_recoded,
        conversations.people_sketch,
        conversations.busiest_sketch
    from conversations
    cross join lateral (
        values
        ('all'),
        (conversations.conversation_type)
    ) as segment (segment)

),

final as (

    {{ share_counts(
        'profile', 'users', 'profile_completeness', 'coalesce(has_it, false)', 'person_bit',
        label='label'
    ) }}

    union all

    {{ share_counts(
        'users', 'users', 'silent_share', 'is_silent and not is_silent_recoded', 'person_bit',
        is_hidden='is_silent_recoded'
    ) }}

    union all

    {{ share_counts(
        'users', 'users', 'unattached_share', 'is_unattached and not is_unattached_recoded',
        'person_bit', is_hidden='is_unattached_recoded'
    ) }}

    union all

    {{ share_counts(
        'empties', 'conversations', 'empty_share', 'is_part', 'people_sketch', segment='segment',
        is_hidden='is_recoded', holder=cell_holder('busiest_sketch', limit)
    ) }}

    union all

    {{ share_counts(
        'active', 'conversations', 'heavy_share',
        'n_messages >= ' ~ var('heavy_conversation_messages'), 'senders_sketch',
        holder=cell_holder('busiest_sketch', limit)
    ) }}

    {#- Two shares differ by the messages of the conversations in between, so people are counted
        there. -#}
    {%- for percent in quantile_shares %}
    {%- set before = loop.previtem | default(0) %}

    union all

    {{ share_counts(
        'active', 'conversations', 'concentration',
        'size_rank <= ceil(' ~ percent ~ ' * n_conversations / 100.0)',
        'case when size_rank > ceil(' ~ before ~ ' * n_conversations / 100.0) '
        ~ 'then senders_sketch else 0 end',
        label="'top_" ~ percent ~ "'", weight='n_messages',
        holder=cell_holder('busiest_sketch', limit)
    ) }}
    {%- endfor %}

    union all

    {{ share_counts(
        'reads', 'read_receipts', 'read_rate', 'n_receipts > 0', 'people_sketch',
        weight='n_messages', n_rows='sum(n_messages)', holder='holder'
    ) }}

    {%- for delay_class in ['immediate', 'near_term', 'delayed'] %}

    union all

    {{ share_counts(
        'delays', 'read_receipts', delay_class ~ '_percentage',
        "delay_class = '" ~ delay_class ~ "'", 'people_sketch', weight='n_receipts',
        n_rows='sum(n_receipts)', holder='holder'
    ) }}
    {%- endfor %}

)

select * from final
