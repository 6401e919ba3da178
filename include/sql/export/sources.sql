-- Grain: source. The publishers of the sources named, or of all if none is, with licence and attribution.
select
    source,
    name,
    publisher,
    base_url,
    licence,
    licence_url,
    attribution
from catalog.source
where cast(:sources as text[]) is null or source = any(:sources)
order by source;
