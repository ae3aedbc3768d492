create schema prodshape_ledger;
create view prodshape_ledger.release as select 1 as n;
