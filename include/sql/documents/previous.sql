-- The edition of the rating that was published before another one; no row if that was the first.
select earlier.edition
from report.edition as edition
inner join report.edition as earlier
    on edition.rating = earlier.rating and edition.published_at > earlier.published_at
where edition.rating = :rating and edition.edition = :edition
order by earlier.published_at desc, earlier.edition desc
limit 1;
