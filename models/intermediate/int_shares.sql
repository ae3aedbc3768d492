{%- set k = required_people(var('k_anonymity'), var('boundary_targets'), target.name) -%}
{%- set limit = person_limit(var('dominance_limit'), var('boundary_targets'), target.name) -%}
with

released as (

    select
        *,
        coalesce(label, cast(bucket_index as text)) as cell
    from {{ ref('int_released') }}

),

-- One row per share: the cells it counts (by a pattern of their labels or bucket numbers) and the
-- metric whose cells are the whole.
shares (
    entity, metric, label, unit, n_units, part_metric, part_pattern, whole_entity, whole_metric
) as (

    values
    (
        'users', 'silent_share', null, 'share', 1, 'silent_share', '^silent$', 'users',
        'silent_share'
    ),
    (
        'users', 'unattached_share', null, 'share', 1, 'unattached_share', '^unattached$', 'users',
        'unattached_share'
    ),
    {%- for label in ['avatar', 'bio', 'phone', 'display_name'] %}
    (
        'users', 'profile_completeness', '{{ label }}', 'share', 1, 'profile_completeness',
        '^{{ label }}$', 'users', 'total_count'
    ),
    {%- endfor %}
    (
        'conversations', 'empty_share', null, 'share', 1, 'empty_share', '^empty$', 'conversations',
        'empty_share'
    ),
    (
        'conversations', 'heavy_share', null, 'share', 1, 'heavy_share', '^heavy$', 'conversations',
        'heavy_share'
    ),
    {%- for percent in var('concentration_shares') %}
    (
        'conversations', 'concentration', 'top_{{ percent }}', 'share', 1, 'concentration',
        '^top_{{ percent }}$', 'messages', 'total_count'
    ),
    {%- endfor %}
    (
        'messages', 'media_ratio', null, 'share', 1, 'type_distribution', '^(?!TEXT$)', 'messages',
        'type_distribution'
    ),
    (
        'read_receipts', 'read_rate', null, 'share', 1, 'receipts_per_message', '^(?!1$)',
        'read_receipts', 'receipts_per_message'
    ),
    {%- for label in ['immediate', 'near_term', 'delayed'] %}
    (
        'read_receipts', '{{ label }}_percentage', null, 'percent', 100, 'delay_class',
        '^{{ label }}$', 'read_receipts', 'delay_class'
    ){{ ',' if not loop.last }}
    {%- endfor %}

),

wholes as (

    select
        shares.*,
        released.segment,
        sum(released.rows_released) as whole_rows,
        bit_or(released.people_sketch) as people_sketch
    from shares
    inner join released
        on shares.whole_entity = released.entity and shares.whole_metric = released.metric
    group by {{ range(1, 10) | join(', ') }}, released.segment

),

parts as (

    select
        wholes.entity,
        wholes.metric,
        wholes.label,
        wholes.segment,
        sum(released.n_rows) as n_rows,
        sum(released.rows_released) as rows_released,
        bit_or(released.people_sketch) as people_sketch,
        sum(released.top_rows) as top_rows
    from wholes
    inner join released
        on
            wholes.entity = released.entity
            and wholes.part_metric = released.metric
            and wholes.segment = released.segment
            and released.cell ~ wholes.part_pattern
    group by wholes.entity, wholes.metric, wholes.label, wholes.segment

),

-- None at all is a share as well, of the people of the whole{{ ', but not where all cells have noise' if is_private() }}.
final as (

    select
        wholes.entity,
        wholes.metric,
        wholes.segment,
        wholes.label,
        least(coalesce(parts.rows_released, 0) / wholes.whole_rows, 1) * wholes.n_units as value,
        wholes.unit,
        cast(round(wholes.whole_rows) as bigint) as n_rows,
        {{ people_count('coalesce(parts.people_sketch, wholes.people_sketch)') }} as n_people,
        {{ top_share('parts.top_rows', 'parts.n_rows') }} as top_share
    from wholes
    left join parts
        on
            wholes.entity = parts.entity
            and wholes.metric = parts.metric
            and wholes.label is not distinct from parts.label
            and wholes.segment = parts.segment
    where
        wholes.whole_rows > 0
        and (
            {{ 'false' if is_private() else 'parts.n_rows is null' }}
            or {{ is_supported('parts.n_rows', 'parts.people_sketch', 'parts.top_rows', k, limit) }}
        )

)

select * from final
