{%- set entities = ['users', 'conversations', 'messages', 'attachments'] -%}
{#- A receipt is of two people: a bound for one would change which of another's count. -#}
{%- if not is_private() -%}{%- do entities.insert(3, 'read_receipts') -%}{%- endif -%}
with

-- Exact counts, which never leave: `synth extract` reads the shape alone.
final as (

    {%- for entity in entities %}

    select * from {{ ref('int_' ~ entity ~ '__cells') }}
    {%- if not loop.last %}

    union all
    {%- endif %}
    {%- endfor %}

)

select * from final
