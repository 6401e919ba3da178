#!/bin/sh
# Dumps both databases once a day into FOLDER, keeps the dumps of KEEP_BACKUP_DAYS days, and restores each dump of the
# warehouse into a database of its own to see that it can be read. `sh backup.sh once` does it now.
set -eu

back_up() {
    now=$(date -u +%Y%m%dT%H%M%SZ)
    for database in warehouse airflow; do
        file="$FOLDER/$database-$now.dump"
        # A dump has its name only when it is complete.
        pg_dump --format custom --dbname "$database" --file "$file.part"
        mv "$file.part" "$file"
        echo "$file: $(wc -c < "$file") bytes"
    done
    drill "$FOLDER/warehouse-$now.dump"
    find "$FOLDER" -name '*.dump' -mtime "+$KEEP_BACKUP_DAYS" -delete
}

# The versions of the loads that a dump has as published are those of the warehouse: no load gets more of them later.
# Loads that waited then may be published by now, whatever their number.
drill() {
    dropdb --if-exists "$DRILL"
    createdb "$DRILL"
    pg_restore --exit-on-error --no-owner --no-privileges --dbname "$DRILL" "$1"
    last=$(value "$DRILL" "select coalesce(max(load_id), 0) from ops.load where state = 'published'")
    loads=$(value "$DRILL" "select coalesce(array_agg(load_id), '{}') from ops.load where state = 'published'")
    versions="select count(*) from core.observation_version where load_id = any('$loads')"
    restored=$(value "$DRILL" "$versions")
    stored=$(value warehouse "$versions")
    dropdb "$DRILL"
    if [ "$restored" != "$stored" ]; then
        echo "$1: restored $restored versions of observations up to load $last, the warehouse has $stored." \
            "Next step: keep the dumps of the days before, and find out what removed rows" >&2
        return 1
    fi
    echo "$1: restored, $restored versions of observations up to load $last as in the warehouse"
}

value() {
    psql --no-psqlrc --quiet --tuples-only --no-align --dbname "$1" --set ON_ERROR_STOP=1 <<SQL
$2
SQL
}

DRILL=restore_drill

if [ "${1:-}" = once ]; then
    back_up
    exit
fi
while :; do
    if [ "$(date -u +%H)" = 02 ]; then
        # A process of its own: within `||` the shell would go on after a command that fails.
        sh "$0" once || echo "The backup failed. Next step: read the lines above, then run" \
            "docker compose exec backup sh /backup.sh once" >&2
        sleep 3600
    else
        sleep 600
    fi
done
