{#
message_labels(lengths, k, limit)
lengths  CTE of int_messages__length_buckets
k        people a label needs; 0 publishes every label as it is
limit    largest share of its rows one person may hold
returns  CTEs, of which message_types has a label's rows by holder and message_labels what is
         published of it: label, published_label, is_unknown_recoded. Messages without a length are
         a type's total minus its buckets, and the buckets minus what a mean or a quantile counts;
         where they are too few, they count as the shortest, in all three
#}
{%- macro message_labels(lengths, k, limit) -%}
message_types as (

    select
        message_type as label,
        holder,
        cast(sum(n_messages) as bigint) as n_rows,
        bit_or(people_sketch) as people_sketch,
        bit_or(people_sketch) filter (where length_index is null) as unknown_sketch
    from {{ lengths }}
    group by message_type, holder

),

found_labels as (

    {{ published_labels('message_types', k, limit) }}

),

unknown_people as (

    select
        found_labels.published_label,
        {{ people_count('bit_or(message_types.unknown_sketch)') }} as n_people
    from message_types
    inner join found_labels on message_types.label = found_labels.label
    group by found_labels.published_label

),

message_labels as (

    select
        found_labels.label,
        found_labels.published_label,
        unknown_people.n_people < {{ k }} as is_unknown_recoded
    from found_labels
    inner join unknown_people on found_labels.published_label = unknown_people.published_label

)
{%- endmacro -%}
