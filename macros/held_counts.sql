{#
held_counts(relation, keys, n_rows)
relation  CTE name, one row per observation, with the slot of the person whose row it is: sender_slot
keys      mapping of column name to expression: what is told apart
n_rows    name of the count
returns   a select of the keys, holder, the count and people_sketch, one row per key and holder. Where
          holders are told apart, rows are counted by slot, a small number; the slot's bit is holder
          and sketch, and is made once for each row of the result

Of three messages of type 1 by the slots 0, 0 and 5 there are, inside the boundary, a row of holder 1
with 2 messages and a row of holder 32 with 1; elsewhere one row of holder null with 3.
#}
{%- macro held_counts(relation, keys, n_rows) -%}
{%- if is_inside() -%}
    select
        {%- for name in keys %}
        {{ name }},
        {%- endfor %}
        {{ slot_bit('sender_slot') }} as holder,
        {{ n_rows }},
        {{ slot_bit('sender_slot') }} as people_sketch
    from (
        select
            {%- for name, expression in keys.items() %}
            {{ expression }}{{ ' as ' ~ name if name != expression }},
            {%- endfor %}
            sender_slot,
            count(*) as {{ n_rows }}
        from {{ relation }}
        group by {{ range(1, keys | length + 2) | join(', ') }}
    ) as by_slot
{%- else -%}
    select
        {%- for name, expression in keys.items() %}
        {{ expression }}{{ ' as ' ~ name if name != expression }},
        {%- endfor %}
        cast(null as bigint) as holder,
        count(*) as {{ n_rows }},
        bit_or({{ slot_bit('sender_slot') }}) as people_sketch
    from {{ relation }}
    group by {{ range(1, keys | length + 1) | join(', ') }}
{%- endif -%}
{%- endmacro -%}
