create role synth_dba createrole;
grant shape_reader to synth_dba with admin option;
set role synth_dba;
-- undo
reset role;
drop role synth_dba;
