-- A word that cases use, with its place in its vocabulary.
insert into catalog.best_practice_term (vocabulary, term, position, name_en, name_ru, name_zh)
values (:vocabulary, :term, :position, :name_en, :name_ru, :name_zh);
