{#
message_labels(lengths, k, limit)
lengths  CTE of int_messages__length_buckets
k        people a label needs; 0 publishes every label as it is
limit    largest share of its rows one person may hold
returns  two CTEs, message_types and message_labels: label of a message type, published_label
#}
{%- macro message_labels(lengths, k, limit) -%}
message_types as (

    select
        message_type as label,
        holder,
        cast(sum(n_messages) as bigint) as n_rows,
        bit_or(people_sketch) as people_sketch
    from {{ lengths }}
    group by message_type, holder

),

message_labels as (

    {{ published_labels('message_types', k, limit) }}

)
{%- endmacro -%}
