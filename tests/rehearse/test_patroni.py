"""The rehearsal of Patroni says what is missing, lets in who is to come in, and has a watchdog that bites."""

import os
import re
import time
from pathlib import Path

import pytest

from portal.demo import postgres, processes
from tests.rehearse.load import Sent
from tests.rehearse.machine import Broken, Missing
from tests.rehearse.quorum import SETTINGS, changed, check
from tests.rehearse.server import CONFIGURATION
from tests.rehearse.steady import Hand, Steady
from tests.rehearse.watchdog import Watchdog


def test_what_is_missing_is_named_with_where_it_comes_from() -> None:
    with pytest.raises(Missing) as missing:
        check(which=lambda _name: None, root=False)
    for word in ("patroni", "etcd-server", "etcd-client", "postgresql-17", "root"):
        assert word in str(missing.value)


def test_a_file_that_lost_what_is_to_be_changed_is_not_run() -> None:
    assert changed("name: node_a", [("node_a", "node_b")], "a file") == "name: node_b"
    with pytest.raises(Broken, match="a file has nothing like node_c"):
        changed("name: node_a", [("node_c", "node_b")], "a file")


def test_every_role_that_signs_in_is_let_in_over_tls_and_nobody_else() -> None:
    made = re.findall(r"\('(portal_\w+)', 'login'\)", postgres.ROLES.read_text("utf-8"))
    rule = re.compile(r"^    - (local|host\w*) (\S+) (\S+) (.*)$", re.MULTILINE)
    lines = rule.findall(CONFIGURATION.read_text("utf-8"))
    let_in = [role for line in lines if line[1] == "portal" for role in line[2].split(",")]
    assert sorted(let_in) == sorted([*made, "portal_backup"])
    for way, _, who, how in lines:
        over_tls = way == "hostssl" and how.endswith(" scram-sha-256")
        assert over_tls or (way, who, how) == ("local", "postgres", "peer")


def test_nobody_reaches_etcd_or_patroni_without_a_certificate() -> None:
    etcd, patroni = SETTINGS.read_text("utf-8"), CONFIGURATION.read_text("utf-8")
    assert "http:" not in etcd
    assert 'ETCD_CLIENT_CERT_AUTH="true"' in etcd
    assert 'ETCD_PEER_CLIENT_CERT_AUTH="true"' in etcd
    assert "verify_client: required" in patroni
    assert "protocol: https" in patroni


def test_a_machine_is_turned_off_whose_patroni_says_nothing_and_no_other(tmp_path: Path) -> None:
    ends: list[float] = []
    dog = Watchdog(tmp_path / "watchdog", os.geteuid(), lambda: ends.append(time.monotonic()))
    dog.start()
    pipe = os.open(tmp_path / "watchdog", os.O_WRONLY)
    try:
        os.write(pipe, b"Ctimeout=1\n1")
        dog.paused = True
        assert not processes.wait_until(lambda: bool(ends), seconds=1.5, every=0.1), "it halts too"
        dog.paused = False
        assert processes.wait_until(lambda: bool(ends), seconds=5, every=0.1)
        os.write(pipe, b"1")
        os.write(pipe, b"V")
        assert not processes.wait_until(lambda: len(ends) > 1, seconds=1.5, every=0.1), "Patroni let go of it"
    finally:
        os.close(pipe)
        dog.end()


def test_only_what_was_acknowledged_counts_and_the_longest_pause_is_found() -> None:
    load = Steady([Hand("", [Sent("a", 1, 2, 1), Sent("b", 2, 3, 0), Sent("c", 5, 6, 1)])])
    assert [one.words for one in load.acknowledged] == ["a", "c"]
    assert load.since(1.5) == 1
    assert load.longest_pause(1, 7) == 4
