with

mapped as (

    {rows}

),

types (label) as (

    values ('TEXT'), ('IMAGE'), ('FILE'), ('AUDIO'), ('VIDEO')

),

final as (

    select {label} as label from mapped

)

-- As the gates look at them, whatever the collation of the source.
select
    label collate "C" as label,
    count(*) as n_messages
from final
group by 1
