{#
significant(value, n_digits)
value     float8, not negative
n_digits  how many significant digits are kept
returns   float8, rounded; three digits are few enough distinct values to count by, and within 0.5 %
#}
{%- macro significant(value, n_digits=3) -%}
case
    when {{ value }} < 1e-3 then 0
    else round({{ value }} / power(10, floor(log({{ value }})) - {{ n_digits - 1 }}))
        * power(10, floor(log({{ value }})) - {{ n_digits - 1 }})
end
{%- endmacro -%}
