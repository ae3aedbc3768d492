-- As it was made before there were release rules.
alter table prodshape_ledger.release drop column parameters
