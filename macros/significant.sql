{#
significant(value)
value    float8, not negative
returns  float8 rounded to three significant digits: few enough distinct values to count by,
         and within 0.5 % for a quantile
#}
{%- macro significant(value) -%}
case
    when {{ value }} < 1e-3 then 0
    else round({{ value }} / power(10, floor(log({{ value }})) - 2))
        * power(10, floor(log({{ value }})) - 2)
end
{%- endmacro -%}
