{#
noise(relation, key, n_rows)
relation  CTE of int_noise
key       text expression: what the noise belongs to
n_rows    exact rows
returns   scalar subquery, integer: the noise of the key. A draw in [0, 1), the first 52 bits of
          SHA-256 of secret, window and key, is looked up in the table of the noise. Whoever does not
          know the secret cannot tell the draw from chance, unless SHA-256 is broken

Where 2 rows get -1 below a cumulative 0.545, 0 below 0.689, a draw of 0.6 gives 0; so 2 stays 2.
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
