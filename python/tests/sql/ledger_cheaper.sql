-- As the owner: nobody else can.
alter table prodshape_ledger.release disable trigger all;
update prodshape_ledger.release
set parameters = parameters || '{"epsilon": "1/3", "rho": "387119/125000000"}'
where n = 3;
