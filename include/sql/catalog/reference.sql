-- What a refresh or an edition took from the catalogue.
select document
from catalog.reference
where reference_id = :reference_id;
