{%- set hour_label = 'cast(hour_of_week as text)' -%}
{%- if is_private() -%}
    {%- set hour_label = 'case when is_hourly then ' ~ hour_label ~ ' end' -%}
{%- endif -%}
with

type_hours as (

    select * from {{ ref('int_messages__type_hours') }}

),

lengths as (

    select * from {{ ref('int_messages__length_buckets') }}

),

gap_buckets as (

    select * from {{ ref('int_messages__gap_buckets') }}

),

gap_classes as (

    select * from {{ ref('int_messages__gap_cells') }}

),

succession as (

    select * from {{ ref('int_messages__succession') }}

),

sessions as (

    select * from {{ ref('int_messages__sessions') }}

),

minutes as (

    select * from {{ ref('int_messages__minutes') }}

),

counted as (

    {%- for metric, segment, label in [
        ('total_count', "'all'", "'total'"),
        ('type_distribution', "'all'", 'message_type'),
        ('hour_of_day', "'all'", 'cast(hour_of_week % 24 as text)'),
        ('day_of_week', "'all'", 'cast(hour_of_week / 24 + 1 as text)'),
        ('hour_of_week', "'all'", hour_label),
        ('hour_by_type', 'message_type', 'cast(hour_of_week % 24 as text)'),
    ] %}
    {%- if not loop.first %}

    union all
    {%- endif %}

    {{ cells('type_hours', 'messages', metric, 'people_sketch', segment=segment, label=label,
        holder='holder', n_rows='sum(n_messages)') }}
    {%- endfor %}

    {#- All types together are cells of their own, as of conversations. #}
    {%- for segment in ["'all'", 'message_type'] %}

    union all

    {{ cells('lengths', 'messages', 'content_length', 'people_sketch', segment=segment,
        value='lower_characters', grid='characters', holder='holder', n_rows='sum(n_messages)') }}

    union all

    {{ cells('lengths', 'messages', 'content_length', 'people_sketch', segment=segment,
        label="case when lower_characters is null then 'unknown' end", holder='holder',
        n_rows='sum(n_messages)') }}
    {%- endfor %}

    {%- for relation, metric, segment, value in [
        ('gap_buckets', 'inter_arrival', "'all'", 'gap_lower_seconds'),
        ('gap_classes', 'activity_inter_arrival', "'all'", 'activity_lower_seconds'),
        ('gap_classes', 'activity_gap', 'tempo_label', 'activity_lower_seconds'),
    ] %}

    union all

    {{ cells(relation, 'messages', metric, 'people_sketch', segment=segment, value=value,
        grid='seconds', holder='holder', n_rows='sum(n_gaps)') }}
    {%- endfor %}

    union all

    {{ cells('succession', 'messages', 'gap_succession', 'people_sketch',
        segment='cast(previous_index as text)', value='gap_lower_seconds', grid='tempo_class',
        holder='holder', n_rows='sum(n_pairs)') }}

    union all

    {{ cells('sessions', 'messages', 'session_size', 'people_sketch', value='n_messages',
        grid='count', holder='holder', n_rows='sum(n_sessions)') }}

    union all

    {#- A minute is everybody's who wrote in it. #}
    {{ cells('minutes', 'messages', 'minute_size', 'people_sketch', value='n_messages',
        grid='count', key='people_sketch') }}

),

final as (

    {{ summed_cells('counted') }}

)

select * from final
