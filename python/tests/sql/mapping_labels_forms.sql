update app.messages set type = case id % 4
    when 0 then ' TEXT' when 1 then U&'T\00C9XT' when 2 then U&'TE\0301XT' else U&'\FF34EXT'
end;
