-- A place of a country of ours that no alias names, with the nearest of our cities.
insert into quality.unmatched_place (load_id, country, place, records, candidates)
values (:load_id, :country, :place, :records, :candidates);
