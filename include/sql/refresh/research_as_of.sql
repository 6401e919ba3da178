-- What the last refresh up to a moment made the products of the research by; before the first one, that one.
select kept.document
from ops.report_refresh as made
inner join catalog.research as kept on made.research_declaration = kept.declaration
order by
    made.refreshed_at <= cast(:known_at as timestamptz) desc,
    case
        when made.refreshed_at <= cast(:known_at as timestamptz) then -made.report_refresh_id
        else made.report_refresh_id
    end asc
limit 1;
