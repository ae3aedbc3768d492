{#
unit_draw(key, relation)
key       text expression: what the draw belongs to
relation  CTE of one row with secret (bytea) and window_text
returns   float8 in [0, 1): the first 52 bits of SHA-256 of secret, window and key. Whoever does not
          have the secret can tell it from chance no better than SHA-256 can be broken
#}
{%- macro unit_draw(key, relation) -%}
cast(cast(cast(
    'x' || substr(
        encode(sha256(
            {{ relation }}.secret
            || convert_to({{ relation }}.window_text || ' ' || {{ key }}, 'UTF8')
        ), 'hex'), 1, 13
    )
as bit(52)) as bigint) as float8) / 4503599627370496
{%- endmacro -%}
