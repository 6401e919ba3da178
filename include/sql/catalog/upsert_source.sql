-- Inserts or updates a source with its publisher and licence.
insert into catalog.source (
    source, name, publisher, base_url, licence, licence_url, attribution, precedence
)
values (
    :source, :name, :publisher, :base_url, :licence, :licence_url, :attribution, :precedence
)
on conflict (source) do update
    set
        name = excluded.name,
        publisher = excluded.publisher,
        base_url = excluded.base_url,
        licence = excluded.licence,
        licence_url = excluded.licence_url,
        attribution = excluded.attribution,
        precedence = excluded.precedence;
