#!/bin/sh
# The pair of database servers, by hand: `docs/operate.md`, "Failover", says when. Runs on the machine of the server
# that it is about, as the user of PostgreSQL's superuser; PGHOST, PGPORT and PGUSER say where, as for psql.
#
#   standby.sh status                       what this server is, and who follows it
#   standby.sh promote --former-is-off      make this standby the primary; the former primary must be off
#   standby.sh join HOST NAME FOLDER        make FOLDER a standby of the primary at HOST, called NAME; then start it
#   standby.sh synchronous NAME             on the primary: acknowledge nothing that the standby NAME does not hold
#   standby.sh alone                        on the primary: acknowledge without a standby, because it is lost
#
# `join` signs in at HOST as portal_replication; PGPASSFILE, PGSSLMODE and PGSSLROOTCERT say how.
set -eu

say() { psql --no-psqlrc --quiet --tuples-only --no-align --set ON_ERROR_STOP=1 --dbname postgres --command "$1"; }
fail() { echo "$1" >&2; exit 1; }

# `alter system` works on a standby too, so that the names of the former pair are gone before anybody can wait for them.
name_standby() {
  say "alter system set synchronous_standby_names = '$1'"
  say 'select pg_reload_conf()' >/dev/null
  tries=50
  until [ "$(say 'show synchronous_standby_names')" = "$1" ]; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || fail 'synchronous_standby_names stays as it was: a file or the command line sets it. Take it out there.'
    sleep 0.1
  done
}

# Commits as everybody's will, and waits no longer than the time that PostgreSQL itself is given.
prove_commits() {
  timeout 10 psql --no-psqlrc --quiet --tuples-only --set ON_ERROR_STOP=1 --dbname postgres --output /dev/null \
    --command "select pg_logical_emit_message(true, 'standby.sh', 'a commit')" ||
    fail 'This server commits nothing: look at `standby.sh status` and at its log.'
}

status() {
  say "select case when pg_is_in_recovery() then 'standby' else 'primary' end"
  say "select 'waits for: ' || coalesce(nullif(current_setting('synchronous_standby_names'), ''), 'nobody')"
  say "select 'followed by: ' || application_name || ', ' || state || ', ' || sync_state || ', behind by '
         || coalesce(replay_lag, interval '0') from pg_stat_replication"
  say "select 'follows: ' || sender_host || ', ' || status from pg_stat_wal_receiver"
}

promote() {
  [ "${1:-}" = --former-is-off ] ||
    fail 'Turn the former primary off first, so that it cannot come back by itself; then say --former-is-off.'
  [ "$(say 'select pg_is_in_recovery()')" = t ] || fail 'This server is no standby.'
  former=$(say "select sender_host || ' ' || sender_port from pg_stat_wal_receiver where status = 'streaming'")
  if [ -n "$former" ] && pg_isready --quiet --host "${former% *}" --port "${former#* }" --timeout 2; then
    fail "The primary at ${former% *} answers: it is not off. Nothing was changed."
  fi
  name_standby ''
  [ "$(say 'select pg_promote(true, 30)')" = t ] || fail 'It did not become the primary within 30 seconds: read its log.'
  prove_commits
  echo 'This server is the primary now, and waits for no standby. Let the other one join again soon.'
}

join() {
  [ $# -eq 3 ] || fail 'standby.sh join HOST NAME FOLDER'
  echo "$2" | grep -Eq '^[a-z_][a-z0-9_]*$' || fail 'A name is of small letters, digits and low lines.'
  server="host=$1 user=portal_replication application_name=$2"
  if pg_ctl status --pgdata "$3" >/dev/null 2>&1; then fail "A server runs in $3: stop it first."; fi
  if [ -s "$3/PG_VERSION" ]; then
    # What the former primary wrote and sent to nobody is undone; nobody was told that it was saved.
    pg_rewind --target-pgdata "$3" --source-server "$server dbname=postgres" --write-recovery-conf
  else
    pg_basebackup --pgdata "$3" --dbname "$server" --write-recovery-conf --wal-method stream --checkpoint fast
  fi
  # The last of equal lines counts. This server must wait for nobody when it is promoted one day.
  echo "synchronous_standby_names = ''" >>"$3/postgresql.auto.conf"
  echo "$3 is ready. Start it; then, on the primary: standby.sh synchronous $2"
}

synchronous() {
  [ $# -eq 1 ] || fail 'standby.sh synchronous NAME'
  tries=100
  until [ "$(say "select count(*) from pg_stat_replication where application_name = '$1' and state = 'streaming'")" = 1 ]; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || fail "$1 does not follow this server, which would wait for it without end. Nothing was changed."
    sleep 0.1
  done
  name_standby "$1"
  prove_commits
}

alone() {
  name_standby ''
  prove_commits
}

case ${1:-} in
  status | promote | join | synchronous | alone) command=$1; shift; "$command" "$@" ;;
  *) sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
