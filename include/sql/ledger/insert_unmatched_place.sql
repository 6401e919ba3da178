-- Records a place in one of our countries that matches no alias, with the most similar of our cities.
insert into quality.unmatched_place (load_id, country, place, records, candidates)
values (:load_id, :country, :place, :records, :candidates);
