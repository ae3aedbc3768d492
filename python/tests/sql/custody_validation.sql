insert into synth.validation (name, run_id, target_schema, pack_sha256, report, cells)
values (%(run_id)s, %(run_id)s, 'perf_synthetic', %(sha256)s, '{}', '[]')
