-- The declaration of the research tables in force at a moment, or the first one if that is later.
select research.document
from ops.report_refresh as refresh
inner join catalog.research as research on refresh.research_declaration = research.declaration
order by
    refresh.refreshed_at <= cast(:known_at as timestamptz) desc,
    case
        when refresh.refreshed_at <= cast(:known_at as timestamptz) then -refresh.report_refresh_id
        else refresh.report_refresh_id
    end asc
limit 1;
