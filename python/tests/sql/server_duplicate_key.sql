-- Fails with a message whose DETAIL would quote the address.
create table addresses (address text primary key);

insert into addresses values ('jane.roe@example.org');

insert into addresses values ('jane.roe@example.org');
