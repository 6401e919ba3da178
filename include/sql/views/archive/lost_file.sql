-- Grain: content of a file. Files that the latest verification found missing or damaged, and that were
-- neither healed nor fetched again since.
create view archive.lost_file as
select finding.object as sha256, finding.finding as file_state, verification.started_at as verified_at
from archive.verification as verification
inner join archive.verification_finding as finding
    on verification.verification_id = finding.verification_id
where verification.verification_id = (select max(latest.verification_id) from archive.verification as latest)
    and finding.finding in ('missing', 'damaged')
    and finding.healed_from is null
    and not exists (
        select from archive.fetch_event as again
        where again.sha256 = finding.object and again.fetched_at > verification.started_at
    );
