{#
keyed_order(expression)
expression  bigint expression over a row of one person
returns     bigint: an order that depends on the secret and on the row alone, so that what is kept of
            a person follows from their own rows, and nobody who does not know the secret can steer it.
            It needs a CTE named secret, of int_secret
#}
{%- macro keyed_order(expression) -%}
hashint8extended({{ expression }}, (
            select
                cast(cast(
                    'x' || left(encode(sha256(secret || convert_to('bounds', 'UTF8')), 'hex'), 16)
                    as bit(64)
                ) as bigint)
            from secret
        ))
{%- endmacro -%}
