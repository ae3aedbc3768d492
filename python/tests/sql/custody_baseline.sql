select
    trust,
    is_unsigned,
    retention_until::text as retention_until
from shape_baseline.pack_meta
