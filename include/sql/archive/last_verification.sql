-- The latest verification of the archive, with the first object that is still wrong; no row before the first.
select
    verification.started_at,
    verification.finished_at,
    verification.objects,
    verification.byte_count,
    verification.missing,
    verification.damaged,
    verification.unknown,
    verification.healed,
    (
        select min(finding.object) from archive.verification_finding as finding
        where finding.verification_id = verification.verification_id
            and finding.finding <> 'unknown' and finding.healed_from is null
    ) as first_object
from archive.verification as verification
order by verification.verification_id desc
limit 1;
