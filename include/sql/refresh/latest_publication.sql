-- The moment from which everything that is published is known; null if nothing is.
select max(published_at) as known_at
from ops.load
where state = 'published';
