{#- Workers would add up fractions in another order every time: other last digits. -#}
{{ config(pre_hook=without_workers()) }}
with

gaps as (

    select * from {{ ref('int_messages__gaps') }}
    where gap_seconds is not null

),

sums as (

    select
        conversation_id,
        count(*) as n_gaps,
        bit_or({{ slot_bit('sender_slot') }}) as people_sketch,
        avg(gap_seconds) as mean_gap_seconds,
        stddev_pop(gap_seconds) as sd_gap_seconds,
        exp(avg(ln(greatest(activity_gap_seconds, 1)))) as tempo_seconds,
        count(previous_gap_seconds) as n_pairs,
        sum(ln(gap_seconds + 1)) filter (where previous_gap_seconds is not null) as sum_log_gap,
        sum(ln(previous_gap_seconds + 1)) as sum_log_previous,
        sum(case when previous_gap_seconds is not null then power(ln(gap_seconds + 1), 2) end)
            as sum_log_gap_squared,
        sum(power(ln(previous_gap_seconds + 1), 2)) as sum_log_previous_squared,
        sum(ln(gap_seconds + 1) * ln(previous_gap_seconds + 1)) as sum_log_product
    from gaps
    group by conversation_id

),

final as (

    select
        conversation_id,
        people_sketch,
        {{ bucket_index('n_gaps + 1', 'size_class') }} as size_index,
        {{ bucket_index('tempo_seconds', 'tempo_class') }} as tempo_index,
        n_gaps,
        mean_gap_seconds,
        sd_gap_seconds,
        tempo_seconds,
        case
            when n_gaps >= 4
                then {{ finite_burstiness('mean_gap_seconds', 'sd_gap_seconds', 'n_gaps') }}
        end as burstiness,
        n_pairs,
        sum_log_gap,
        sum_log_previous,
        sum_log_gap_squared,
        sum_log_previous_squared,
        sum_log_product
    from sums

)

select * from final
