-- Grain: content of a file. All that the archive must have.
select snapshot.sha256
from archive.snapshot as snapshot
order by snapshot.sha256;
