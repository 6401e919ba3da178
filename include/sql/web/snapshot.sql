-- A file of the archive by its SHA-256, if it is known.
select snapshot.sha256
from archive.snapshot as snapshot
where snapshot.sha256 = :sha256;
