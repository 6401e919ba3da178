-- Grain: source. The given sources, or all, with publisher, licence and attribution.
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
