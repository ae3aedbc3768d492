{%- set k = required_people(var('k_anonymity'), var('boundary_targets'), target.name) -%}
{%- set limit = person_limit(var('dominance_limit'), var('boundary_targets'), target.name) -%}
with

lengths as (

    select * from {{ ref('int_messages__length_buckets') }}

),

gap_buckets as (

    select * from {{ ref('int_messages__gap_buckets') }}

),

minutes as (

    select * from {{ ref('int_messages__minutes') }}

),

gaps as (

    select * from {{ ref('int_conversations__gaps') }}

),

hours as (

    select * from {{ ref('shape_hours') }}

),

sample_window as (

    select * from {{ ref('int_window') }}

),

-- A mean and a count of a segment can be subtracted like its buckets, so it waits for them.
published_segments as (

    select distinct segment
    from {{ ref('shape_buckets') }}
    where metric = 'content_length'

),

{{ message_labels('lengths', k, limit) }},

typed_lengths as (

    {{ typed_lengths('lengths', 'length_index', 1) }}

),

held_lengths as (

    select
        published_segments.segment,
        typed_lengths.holder,
        sum(coalesce(typed_lengths.n_characters, 0)) as n_characters,
        cast(sum(typed_lengths.n_messages) as bigint) as n_rows,
        bit_or(typed_lengths.people_sketch) as people_sketch
    from typed_lengths
    inner join published_segments
        on published_segments.segment in ('all', typed_lengths.published_label)
    where typed_lengths.typed_length is not null
    group by published_segments.segment, typed_lengths.holder

),

-- One who wrote most characters is above the limit as much as one who wrote most messages.
mean_lengths as (

    select
        segment,
        sum(n_characters) / cast(sum(n_rows) as float8) as value,
        cast(sum(n_rows) as bigint) as n_rows,
        {{ people_count('bit_or(people_sketch)') }} as n_people,
        greatest(
            {{ top_share('holder') }}, {{ top_share('holder', 'n_characters') }}
        ) as top_share
    from held_lengths
    group by segment

),

message_holders as (

    select
        holder,
        sum(n_messages) as n_rows
    from lengths
    group by holder

),

message_top as (

    select {{ top_share('holder') }} as top_share
    from message_holders

),

gap_holders as (

    select
        holder,
        sum(n_gaps) as n_rows
    from gap_buckets
    group by holder

),

gap_top as (

    select {{ top_share('holder') }} as top_share
    from gap_holders

),

-- Media that were folded into TEXT for want of support are text here too.
media as (

    select
        sum(message_types.n_rows) filter (where message_labels.published_label != 'TEXT')
            as n_media,
        cast(sum(message_types.n_rows) as bigint) as n_rows,
        {{ people_count(
            "bit_or(message_types.people_sketch) filter (where message_types.label = 'TEXT')"
        ) }} as n_text_people,
        {{ people_count(
            "bit_or(message_types.people_sketch) filter (where message_types.label != 'TEXT')"
        ) }} as n_media_people,
        {{ people_count('bit_or(message_types.people_sketch)') }} as n_people,
        coalesce(sum(message_types.n_rows) filter (where message_types.label = 'TEXT'), 0)
            as n_text_rows
    from message_types
    inner join message_labels on message_types.label = message_labels.label

),

media_holders as (

    select
        holder,
        label = 'TEXT' as is_text,
        sum(n_rows) as n_rows
    from message_types
    group by holder, label = 'TEXT'

),

media_tops as (

    select {{ top_share('holder') }} as top_share
    from media_holders
    group by is_text

),

media_top as (

    select max(top_share) as top_share
    from media_tops

),

media_ratio as (

    select
        case
            when
                (n_media_people >= {{ k }} or n_text_rows = n_rows)
                and (n_text_people >= {{ k }} or n_text_rows = 0)
                then cast(coalesce(n_media, 0) as float8) / n_rows
        end as value,
        n_rows,
        case
            when n_text_rows in (0, n_rows) then n_people
            else least(n_text_people, n_media_people)
        end as n_people
    from media

),

minute_totals as (

    select
        count(*) as n_rows,
        avg(n_messages) as mean_messages,
        percentile_cont(0.95) within group (order by n_messages) as p95_messages
    from minutes

),

burst as (

    select
        case
            when min(minute_totals.n_rows) * 0.05 >= {{ k }}
                then min(minute_totals.p95_messages / minute_totals.mean_messages)
        end as value,
        min(minute_totals.n_rows) as n_rows,
        {{ people_count(
            'bit_or(minutes.people_sketch) '
            ~ 'filter (where minutes.n_messages >= minute_totals.p95_messages)'
        ) }} as n_people
    from minutes
    cross join minute_totals

),

pooled as (

    select
        sum(n_gaps) as n_gaps,
        sum(n_gaps * mean_gap_seconds) / sum(n_gaps) as mean_seconds,
        sum(n_pairs) as n_pairs,
        sum(sum_log_gap) as sum_log_gap,
        sum(sum_log_previous) as sum_log_previous,
        sum(sum_log_gap_squared) as sum_log_gap_squared,
        sum(sum_log_previous_squared) as sum_log_previous_squared,
        sum(sum_log_product) as sum_log_product,
        {{ people_count('bit_or(people_sketch)') }} as n_people,
        {{ people_count('bit_or(people_sketch) filter (where n_pairs > 0)') }} as n_pair_people
    from gaps

),

spread as (

    select
        sqrt(
            sum(gaps.n_gaps * power(gaps.sd_gap_seconds, 2)) / min(pooled.n_gaps)
            + sum(gaps.n_gaps * power(gaps.mean_gap_seconds - pooled.mean_seconds, 2))
            / min(pooled.n_gaps)
        ) as sd_seconds
    from gaps
    cross join pooled

),

burstiness as (

    select
        (spread.sd_seconds - pooled.mean_seconds)
        / nullif(spread.sd_seconds + pooled.mean_seconds, 0) as value,
        cast(pooled.n_gaps as bigint) as n_rows,
        pooled.n_people
    from pooled
    cross join spread

),

memory as (

    select
        (n_pairs * sum_log_product - sum_log_gap * sum_log_previous)
        / nullif(
            sqrt(greatest(n_pairs * sum_log_gap_squared - power(sum_log_gap, 2), 0))
            * sqrt(greatest(n_pairs * sum_log_previous_squared - power(sum_log_previous, 2), 0)),
            0
        ) as value,
        cast(n_pairs as bigint) as n_rows,
        n_pair_people as n_people
    from pooled

),

-- From the published hours and days, so that neither ratio says more than they do.
peak_trough as (

    select
        max(value) / nullif(min(value), 0) as value,
        sum(n_rows) as n_rows,
        min(n_people) as n_people
    from hours
    where metric = 'hour_of_day'

),

window_days as (

    select
        count(*) filter (where extract(isodow from days.day_start at time zone 'UTC') <= 5)
            as n_weekdays,
        count(*) filter (where extract(isodow from days.day_start at time zone 'UTC') > 5)
            as n_weekend_days
    from sample_window
    cross join lateral generate_series(
        date_trunc('day', sample_window.window_start, 'UTC'),
        sample_window.as_of,
        interval '24 hours'
    ) as days (day_start)

),

weekend as (

    select
        sum(hours.value) filter (where cast(hours.label as integer) <= 5)
        / nullif(min(window_days.n_weekdays), 0)
        / nullif(
            sum(hours.value) filter (where cast(hours.label as integer) > 5)
            / nullif(min(window_days.n_weekend_days), 0), 0
        ) as value,
        sum(hours.n_rows) as n_rows,
        min(hours.n_people) as n_people
    from hours
    cross join window_days
    where hours.metric = 'day_of_week'

),

final as (

    select
        'messages' as entity,
        'content_length' as metric,
        segment,
        'mean' as label,
        value,
        'characters' as unit,
        n_rows,
        n_people,
        top_share
    from mean_lengths

    {%- for relation, metric, unit, top in [
        ('media_ratio', 'media_ratio', 'share', 'media_top'),
        ('burst', 'burst_coefficient', 'ratio', 'message_top'),
        ('burstiness', 'burstiness', 'coefficient', 'gap_top'),
        ('memory', 'memory_coefficient', 'coefficient', 'gap_top'),
        ('peak_trough', 'peak_trough_ratio', 'ratio', 'message_top'),
        ('weekend', 'weekday_weekend_ratio', 'ratio', 'message_top'),
    ] %}

    union all

    select
        'messages' as entity,
        '{{ metric }}' as metric,
        'all' as segment,
        null as label,
        {{ relation }}.value,
        '{{ unit }}' as unit,
        cast({{ relation }}.n_rows as bigint) as n_rows,
        {{ relation }}.n_people,
        {{ top }}.top_share
    from {{ relation }}
    cross join {{ top }}
    {%- endfor %}

)

select * from final
