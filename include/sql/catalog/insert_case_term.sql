-- A word that cases use, with its place in its vocabulary.
insert into catalog.case_term (vocabulary, term, position, name_en, name_ru, name_zh)
values (:vocabulary, :term, :position, :name_en, :name_ru, :name_zh);
