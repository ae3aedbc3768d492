select count(*) as n from pg_proc where pronamespace = 'synth'::regnamespace
