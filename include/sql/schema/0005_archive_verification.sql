-- Adds the verifications of the archive against the ledger, and what each found to be wrong.
create table archive.verification (
    verification_id bigint generated always as identity primary key,
    started_at timestamptz not null,
    finished_at timestamptz not null,
    objects bigint not null, byte_count bigint not null,
    missing bigint not null, damaged bigint not null, unknown bigint not null, healed bigint not null
);

create table archive.verification_finding (
    verification_id bigint not null references archive.verification,
    object text not null,
    finding text not null check (finding in ('missing', 'damaged', 'unknown')),
    healed_from text,
    primary key (verification_id, object)
);
