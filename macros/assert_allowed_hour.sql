{#
assert_allowed_hour(allowed, time_zone, outside, is_told)
allowed    null for all hours, or "22-6": from 22:00 until 05:59
time_zone  whose clock, an IANA name
outside    warn or refuse
is_told    whether it is for others to warn, who ask as well
returns    nothing
raises     compiler error outside the hours where outside is refuse, or when a value is none
#}
{%- macro assert_allowed_hour(allowed, time_zone, outside, is_told=false) -%}
{%- if allowed is not none -%}
    {%- set found = modules.re.fullmatch(' *([0-9]{1,2}) *- *([0-9]{1,2}) *', allowed | string) -%}
    {%- if found is none or found[1] | int > 23 or found[2] | int > 24
        or found[1] | int == found[2] | int -%}
        {{ exceptions.raise_compiler_error(
            "allowed_hours: expected two different whole hours such as 22-6, or null for all; "
            ~ "correct vars.allowed_hours"
        ) }}
    {%- endif -%}
    {%- if outside not in ('warn', 'refuse') -%}
        {{ exceptions.raise_compiler_error(
            "outside_hours: expected warn or refuse; correct vars.outside_hours"
        ) }}
    {%- endif -%}
    {%- if time_zone not in modules.pytz.all_timezones_set -%}
        {{ exceptions.raise_compiler_error(
            "allowed_hours_time_zone: expected an IANA name such as Europe/Berlin; "
            ~ "correct vars.allowed_hours_time_zone"
        ) }}
    {%- endif -%}
    {%- set first, last = found[1] | int, found[2] | int -%}
    {%- set hour = modules.datetime.datetime.now(modules.pytz.timezone(time_zone)).hour -%}
    {%- set is_allowed = first <= hour < last if first < last else hour >= first or hour < last -%}
    {%- if not is_allowed -%}
        {%- set complaint = "the source may be read in the hours " ~ first ~ "-" ~ last ~ " "
            ~ time_zone ~ ", and it is " ~ hour ~ ":00 or later there" -%}
        {%- if outside == 'refuse' -%}
            {{ exceptions.raise_compiler_error(
                "allowed_hours: " ~ complaint ~ "; wait, or pass another vars.allowed_hours"
            ) }}
        {%- endif -%}
        {%- if not is_told -%}{%- do exceptions.warn("allowed_hours: " ~ complaint) -%}{%- endif -%}
    {%- endif -%}
{%- endif -%}
{%- endmacro -%}
