{#
noise(relation, key, n_rows)
relation  CTE of int_noise
key       text expression: what the noise belongs to
n_rows    exact rows
returns   scalar subquery, integer: the noise of the key. A draw in [0, 1), the first 52 bits of
          SHA-256 of secret, window and key, is looked up in the table of the noise; without the secret
          it is told from chance no better than SHA-256 can be broken
#}
{%- macro noise(relation, key, n_rows) -%}
(
            select step.noise
            from (
                select
                    cast(cast(cast('x' || left(encode(sha256(
                        secret || convert_to(window_text || ' ' || {{ key }}, 'UTF8')
                    ), 'hex'), 13) as bit(52)) as bigint) as float8) / 4503599627370496 as draw
                from {{ relation }}
                limit 1
            ) as drawn
            inner join {{ relation }} as step
                on
                    step.n_rows = least({{ n_rows }}, step.largest_rows)
                    and drawn.draw >= step.draw_from
                    and drawn.draw < step.draw_below
        )
{%- endmacro -%}
