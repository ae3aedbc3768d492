update prodshape_ledger.release set n = n + 1;
delete from prodshape_ledger.release;
truncate prodshape_ledger.release;
