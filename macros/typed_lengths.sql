{#
typed_lengths(lengths, length, shortest)
lengths   CTE of int_messages__lengths or int_messages__length_buckets
length    column of it: characters, or bucket
shortest  its least value
returns   select of lengths' columns, published_label and typed_length: the length, or the shortest
          where message_labels, which is to be there, says so
#}
{%- macro typed_lengths(lengths, length, shortest) -%}
    select
        {{ lengths }}.*,
        message_labels.published_label,
        case
            when {{ lengths }}.{{ length }} is null and message_labels.is_unknown_recoded
                then {{ shortest }}
            else {{ lengths }}.{{ length }}
        end as typed_length
    from {{ lengths }}
    inner join message_labels on {{ lengths }}.message_type = message_labels.label
{%- endmacro -%}
