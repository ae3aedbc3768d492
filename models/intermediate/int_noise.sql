{{ config(enabled=is_inside(), materialized='ephemeral') }}
with

noise_table as (

    select * from {{ ref('noise_table') }}

),

sample_window as (

    select * from {{ ref('int_window') }}

),

secret as (

    select * from {{ ref('int_secret') }}

),

-- With each step of the noise the draws that give it, and what keys are hashed with; moments are
-- written in one way, whatever the server's.
final as (

    select
        noise_table.n_rows,
        noise_table.noise,
        coalesce(
            lag(noise_table.cumulative) over (
                partition by noise_table.n_rows order by noise_table.noise
            ), 0
        ) as draw_from,
        noise_table.cumulative as draw_below,
        max(noise_table.n_rows) over () as largest_rows,
        secret.secret,
        {%- for moment in ['window_start', 'as_of'] %}
        {{ "|| ' ' || " if not loop.first }}to_char(
            sample_window.{{ moment }} at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'
        ){{ ' as window_text' if loop.last }}
        {%- endfor %}
    from noise_table
    cross join sample_window
    cross join secret

)

select * from final
