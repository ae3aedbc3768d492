select
    to_regclass('shape_baseline.shape_metrics') is not null as has_baseline,
    array(select jsonb_object_keys(run.spec)) as spec_keys
from synth.run as run
where run.run_id = %(run_id)s
