-- A table that was made before rows had to fit.
alter table prodshape_ledger.release drop constraint is_fit, drop constraint is_rule;
