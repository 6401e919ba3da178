-- Grain: account of a metered service × window. Calls that its limit still leaves, without those sent and planned.
select
    quota.account,
    quota.minutes,
    quota.calls - coalesce(sum(planned.calls), 0) as value
from jsonb_to_recordset(cast(:quotas as jsonb)) as quota (account text, minutes integer, calls integer)
left join ops.request_plan as planned
    on
        quota.account = planned.account
        and coalesce(planned.sent_at, planned.send_at)
        > cast(:at as timestamptz) - quota.minutes * interval '1 minute'
group by quota.account, quota.minutes, quota.calls
order by quota.account, quota.minutes;
