select
    to_regclass('shape_baseline.shape_metrics') is not null as has_baseline,
    to_regclass('shape.fid_cells') is not null as has_comparison,
    (select count(*) from synth.validation) as n_validations,
    array(select jsonb_object_keys(run.spec)) as spec_keys
from synth.run as run
where run.run_id = %(run_id)s
