{#
fid_figure(value, n_digits)
value     float8 expression, finite
n_digits  significant digits, default 4
returns   text for people: 0.0312, 1250, 3.16; null for null
#}
{%- macro fid_figure(value, n_digits=4) -%}
cast(
    trim_scale(
        round(
            cast({{ value }} as numeric),
            greatest(
                {{ n_digits - 1 }}
                - cast(floor(log(greatest(abs({{ value }}), 1e-12))) as integer),
                0
            )
        )
    ) as text
)
{%- endmacro -%}
