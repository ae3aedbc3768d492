with

senders as (

    select * from {{ ref('int_conversations__senders') }}

),

counted as (

    select sum(n_messages) as n_messages from senders

),

-- least() leaves out a null: of nothing, everything.
final as (

    select
        cast(n_messages as bigint) as n_messages,
        cast(
            least(1048576, ceil(1048576.0 * {{ sample_messages('joined_sample_messages') }} / n_messages))
            as integer
        ) as sampled_below
    from counted

)

select * from final
