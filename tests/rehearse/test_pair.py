"""The script for the pair of databases leaves nobody waiting, and makes no second primary by mistake."""

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, text

from portal.demo import processes
from tests.rehearse.machine import Broken
from tests.rehearse.pair import DATABASE, Pair

LEFT_OVER = "alter system set synchronous_standby_names = 'node_a, node_b'"


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    made = Pair(tmp_path_factory.mktemp("pair"))
    try:
        made.found()
        yield made
    finally:
        made.stop()


def write(pair: Pair, line: str) -> None:
    """As a process of the portal does: through the address that names both."""
    engine = create_engine(pair.url("portal_owner"))
    with engine.begin() as connection:
        connection.execute(text("create table if not exists written (line text)"))
        connection.execute(text("insert into written values (:line)"), {"line": line})
    engine.dispose()


def lines(pair: Pair) -> str:
    return pair.primary.ask("select string_agg(line, ' ' order by line) from written", DATABASE)


def test_a_failover_loses_nothing_and_blocks_nothing_and_the_former_primary_comes_back(pair: Pair) -> None:
    write(pair, "1-before")
    former, heir = pair.primary, pair.standby
    assert "waits for: node_b" in former.script("status")
    with pytest.raises(Broken, match="Turn the former primary off first"):
        heir.script("promote")
    with pytest.raises(Broken, match="answers: it is not off"):
        heir.script("promote", "--former-is-off")
    with pytest.raises(Broken, match="is no standby"):
        former.script("promote", "--former-is-off")
    with heir.connect() as connection:  # as it is where both have the same settings
        connection.execute(LEFT_OVER)
        connection.execute("select pg_reload_conf()")

    former.kill()
    pair.fail_over()
    assert pair.primary is heir
    assert "waits for: nobody" in heir.script("status")
    write(pair, "2-after")
    assert lines(pair) == "1-before 2-after"

    with pytest.raises(Broken, match="node_a does not follow this server"):
        heir.script("synchronous", "node_a")
    write(pair, "3-alone")
    pair.let_join(former)
    assert "waits for: node_a" in heir.script("status")
    assert "node_a, streaming, sync" in heir.script("status")
    write(pair, "4-together")
    assert former.ask("select count(*) from written", DATABASE) == "4"


def waits_for_a_standby(pair: Pair) -> bool:
    """Whether somebody who writes is kept waiting for their answer; they give up then."""
    with pair.primary.connect(DATABASE) as writer, pair.primary.connect() as watch:
        number = writer.info.backend_pid
        writing = threading.Thread(
            target=writer.execute, args=("insert into written values ('5-without')",), daemon=True
        )
        writing.start()
        question = "select wait_event = 'SyncRep' from pg_stat_activity where pid = %s"
        waits = processes.wait_until(
            lambda: watch.execute(question, [number]).fetchone() == (True,), seconds=5, every=0.1
        )
        watch.execute("select pg_cancel_backend(%s)", [number])
        writing.join(10)
    return waits


def test_without_its_standby_a_primary_acknowledges_nothing_until_it_is_told_to(pair: Pair) -> None:
    pair.standby.stop()
    assert waits_for_a_standby(pair)
    pair.primary.script("alone")
    write(pair, "6-alone")
    assert not waits_for_a_standby(pair)
    assert lines(pair).endswith("6-alone")
