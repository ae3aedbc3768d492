{%- set holder = cell_holder('person_bit') -%}
with

users as (

    select
        *,
        case when n_messages > 0 then 'active' else 'silent' end as sending_label,
        case when n_conversations > 0 then 'attached' else 'unattached' end as attachment_label
    from {{ ref('int_users') }}

),

active_users as (

    select * from users
    where n_messages > 0

),

attached_users as (

    select * from users
    where n_conversations > 0

),

counted as (

    {{ cells('users', 'users', 'total_count', 'person_bit', label="'total'", holder=holder) }}

    {%- for metric, label in [
        ('device_mix', 'device_label'),
        ('silent_share', 'sending_label'),
        ('unattached_share', 'attachment_label'),
        ('profile_completeness', "case when has_avatar then 'avatar' end"),
        ('profile_completeness', "case when has_bio then 'bio' end"),
        ('profile_completeness', "case when has_phone then 'phone' end"),
        ('profile_completeness', "case when has_display_name then 'display_name' end"),
    ] %}

    union all

    {{ cells('users', 'users', metric, 'person_bit', label=label, holder=holder) }}
    {%- endfor %}

    {%- for relation, metric, value, grid in [
        ('users', 'username_length', 'username_length', 'characters'),
        ('active_users', 'messages_per_user', 'n_messages', 'count'),
        ('attached_users', 'conversations_per_user', 'n_conversations', 'count'),
    ] %}

    union all

    {{ cells(relation, 'users', metric, 'person_bit', value=value, grid=grid, holder=holder) }}
    {%- endfor %}

),

final as (

    {{ summed_cells('counted') }}

)

select * from final
