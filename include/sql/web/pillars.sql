-- Grain: pillar. The pillars that the catalogue assigns indicators to.
select distinct pillar
from catalog.indicator
order by pillar asc;
