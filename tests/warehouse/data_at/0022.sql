-- What the products of the research were declared by.
insert into catalog.research values ('a', '{"windows": []}');
