{%- set window_days = per_target(var('window_days'), target.name) -%}
with

senders as (

    select * from {{ ref('int_conversations__senders') }}

),

bounds as (

    select
        to_timestamp(min(first_epoch)) as first_sent_at,
        to_timestamp(max(last_epoch)) as last_sent_at
    from senders

),

as_of_bound as (

    select
        first_sent_at,
        {{ window_end(var('as_of'), 'last_sent_at') }} as as_of
    from bounds

),

window_bounds as (

    select
        {%- if window_days | string == 'all' %}
        first_sent_at as window_start,
        {%- else %}
        {{ window_start('as_of', window_days) }} as window_start,
        {%- endif %}
        as_of
    from as_of_bound

),

final as (

    select
        ({{ epoch_seconds('as_of') }} - {{ epoch_seconds('window_start') }}) / 86400 as window_days,
        window_start,
        as_of
    from window_bounds

)

select * from final
