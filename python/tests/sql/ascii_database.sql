-- name: ascii_database
-- params: none
-- returns: nothing; a database that does not say how its texts are encoded
create database ascii encoding 'SQL_ASCII' locale 'C' template template0
