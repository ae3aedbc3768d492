alter table perf_synthetic.users add column number serial
