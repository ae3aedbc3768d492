-- name: standin_create_schema
-- params: {schema} the schema
-- returns: nothing; the comment marks the schema as one that --replace may drop

create schema {schema};

comment on schema {schema} is 'made by synth standin: invented or public data, safe to drop';
