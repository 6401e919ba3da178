-- Inserts a term of best practices with its position in its vocabulary.
insert into catalog.best_practice_term (vocabulary, term, position, name_en, name_ru, name_zh)
values (:vocabulary, :term, :position, :name_en, :name_ru, :name_zh);
