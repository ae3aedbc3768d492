select
    meta.sha256,
    meta.k,
    meta.window_days,
    meta.is_unsigned,
    meta.as_of::text as as_of,
    (select count(*) from shape_baseline.shape_metrics) as n_rows,
    (select count(*) from shape_baseline.shape_metrics where is_suppressed) as n_suppressed,
    (
        select sum(value) from shape_baseline.shape_metrics
        where metric = 'type_distribution' and entity = 'messages'
    ) as sum_of_shares
from shape_baseline.pack_meta as meta
