{%- set k = required_people(var('k_anonymity'), var('boundary_targets'), target.name) -%}
with

users as (

    select * from {{ ref('int_users') }}

),

conversations as (

    select * from {{ ref('int_conversations') }}

),

lengths as (

    select * from {{ ref('int_messages__length_buckets') }}

),

delays as (

    select * from {{ ref('int_read_receipts__delay_buckets') }}

),

files as (

    select * from {{ ref('int_attachments__files') }}

),

sample as (

    select * from {{ ref('int_messages__sample') }}

),

-- Receipts and files of the messages looked at stand for those of all messages.
counts as (

    select
        'users' as entity,
        count(*) as n_rows,
        bit_or(person_bit) as people_sketch
    from users

    union all

    select
        'conversations' as entity,
        count(*) as n_rows,
        bit_or(people_sketch) as people_sketch
    from conversations

    union all

    select
        'messages' as entity,
        sum(n_messages) as n_rows,
        bit_or(people_sketch) as people_sketch
    from lengths

    union all

    select
        'read_receipts' as entity,
        round(sum(delays.n_receipts) * 1048576.0 / min(sample.sampled_below)) as n_rows,
        bit_or(delays.people_sketch) as people_sketch
    from delays
    cross join sample

    union all

    select
        'attachments' as entity,
        round(sum(files.n_attachments) * 1048576.0 / min(sample.sampled_below)) as n_rows,
        bit_or(files.people_sketch) as people_sketch
    from files
    cross join sample

),

supported as (

    select
        entity,
        cast(n_rows as bigint) as n_rows,
        {{ people_count('people_sketch') }} as n_people,
        {{ people_count('people_sketch') }} < {{ k }} as is_suppressed
    from counts
    where n_rows > 0

),

-- An entity without a row here has no data at all; one with a suppressed row has too little.
final as (

    select
        entity,
        'total_count' as metric,
        'all' as segment,
        'total' as kind,
        cast(null as text) as label,
        cast(null as float8) as bucket_lower,
        cast(null as float8) as bucket_upper,
        cast(case when not is_suppressed then n_rows end as float8) as value,
        'rows' as unit,
        case when not is_suppressed then n_rows end as n_rows,
        case when not is_suppressed then n_people end as n_people,
        cast(null as float8) as top_share,
        is_suppressed
    from supported

)

select * from final
