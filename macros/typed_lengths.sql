{#
typed_lengths(lengths, labels, k, length, shortest)
lengths   CTE of int_messages__length_values or int_messages__length_buckets
labels    CTE of published_labels: label, published_label
k         people a cell needs; 0 recodes nothing
length    column of lengths: characters, or bucket
shortest  its least value
returns   select of lengths' columns, published_label and typed_length. Messages without a length are
          a type's total minus its buckets, and the buckets minus what a mean or a quantile counts.
          Where they are too few, they count as the shortest, in all three
#}
{%- macro typed_lengths(lengths, labels, k, length, shortest) -%}
    select
        {{ lengths }}.*,
        {{ labels }}.published_label,
        case
            when
                {{ lengths }}.{{ length }} is null
                and {{ people_count(
                    'bit_or(' ~ lengths ~ '.people_sketch) '
                    ~ 'filter (where ' ~ lengths ~ '.' ~ length ~ ' is null) '
                    ~ 'over (partition by ' ~ labels ~ '.published_label)'
                ) }} < {{ k }}
                then {{ shortest }}
            else {{ lengths }}.{{ length }}
        end as typed_length
    from {{ lengths }}
    inner join {{ labels }} on {{ lengths }}.message_type = {{ labels }}.label
{%- endmacro -%}
