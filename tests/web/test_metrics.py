"""Metrics say how the portal is and nothing of anybody; every alert rests on one that there is."""

import re
import socket
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from config.errors import SettingError
from config.metrics import WEB_PORT, WORKER_PORT, address, serve
from portal import clock, metrics
from portal.access.model import Heartbeat
from portal.access.sign_in.attempt import Refusal
from portal.demo import postgres
from portal.messages.vocabulary import MessageState
from portal.model import new_id
from portal.records.people.model import IdentityProvider
from portal.records.people.sign_in import record_refusal
from portal.reminders import measures, worker
from tests.cast import Cast
from tests.client import Client
from tests.database import NAME as DATABASE
from tests.factories.messages import make_message
from tests.structure.source import ROOT

TYPED = "Featherstonehaugh"
Told = dict[tuple[str, ...], float]


def told(registry: CollectorRegistry) -> Told:
    """Every sample: its name and what its labels say, in the order of their names, and its value."""
    text = generate_latest(registry).decode()
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture
def of_worker(app: Flask, server: postgres.Server) -> Iterator[Callable[[], Told]]:
    """What a worker tells, asked as its own role."""
    engine = create_engine(server.url("portal_worker", DATABASE))
    registry = CollectorRegistry()
    registry.register(measures.Measures(engine))
    yield lambda: told(registry)
    engine.dispose()


def test_requests_are_counted_by_route_and_never_by_what_was_typed(
    client_for: Callable[..., Client], cast: Cast
) -> None:
    before = told(REGISTRY)
    browser = client_for(cast.officer)
    browser.get(f"/cases/{TYPED}")
    browser.get(f"/{TYPED}")
    browser.open(f"/cases/{TYPED}", method=TYPED.upper())
    browser.get("/messages")
    after = told(REGISTRY)

    def more(*sample: str) -> float:
        return after.get(sample, 0) - before.get(sample, 0)

    assert more("portal_requests_total", "GET", "/cases/<reference>", "404") == 1
    assert more("portal_requests_total", "GET", "(none)", "404") == 1
    assert more("portal_requests_total", "OTHER", "(none)", "405") == 1
    assert more("portal_requests_total", "GET", "/messages", "200") == 1
    assert more("portal_request_seconds_count", "/messages") == 1
    assert more("portal_request_statements_total", "/messages") > 0
    assert after["portal_pool_connections", "open"] > 0
    assert TYPED.lower() not in generate_latest(REGISTRY).decode().lower()


def test_a_refused_sign_in_is_counted_by_its_reason(app: Flask, rows: Session) -> None:
    facts = {"code": "provider", "name": "P", "issuer": "https://p.example", "client_id": "c", "active": True}
    rows.add(IdentityProvider(id=new_id(), **facts))
    rows.commit()
    before = told(REGISTRY).get(("portal_sign_ins_refused_total", Refusal.UNKNOWN.value), 0)
    with app.test_request_context("/sign-in"):
        record_refusal(provider="provider", reason=Refusal.UNKNOWN)
    assert told(REGISTRY)["portal_sign_ins_refused_total", Refusal.UNKNOWN.value] == before + 1


def test_the_worker_tells_counts_and_ages_as_its_own_role(
    of_worker: Callable[[], Told], rows: Session, cast: Cast
) -> None:
    assert of_worker()["portal_tick_age_seconds", worker.SEALING] == float("inf"), "it never ran"
    now = clock.now()
    rows.add(Heartbeat(tick=worker.SEALING, beat_at=now - timedelta(minutes=7)))
    for state in (MessageState.DEAD, MessageState.DEAD, MessageState.ACCEPTED):
        make_message(rows, cast.officer, state=state)
    rows.commit()
    found = of_worker()
    assert found["portal_worker_database_answers",] == 1
    assert found["portal_outbox_messages", "dead"] == 2
    assert found["portal_outbox_messages", "owed"] == 0
    assert ("portal_outbox_messages", "accepted") not in found
    assert 400 < found["portal_tick_age_seconds", worker.SEALING] < 440
    assert found["portal_tick_interval_seconds", worker.SEALING] > 0
    assert found["portal_audit_seal_lag_seconds",] >= 0
    assert found["portal_outbox_oldest_seconds",] >= 0


def test_a_worker_without_its_database_says_so() -> None:
    registry = CollectorRegistry()
    engine = create_engine("postgresql+psycopg://portal_worker@127.0.0.1:1/portal?connect_timeout=1")
    registry.register(measures.Measures(engine))
    assert told(registry) == {("portal_worker_database_answers",): 0}


def test_every_alert_rests_on_metrics_that_there_are_and_says_what_to_do(
    of_worker: Callable[[], Told],
) -> None:
    metrics.SIGN_INS_REFUSED.labels(Refusal.UNKNOWN.value)
    metrics.request_ended(route="/", method="GET", status=200, seconds=0.1, statements=1)
    there = {sample[0] for sample in (*told(REGISTRY), *of_worker())}
    rules = (ROOT / "docs" / "deploy" / "alerts.yml").read_text("utf-8")
    named = {name for line in re.findall(r"expr: (.*)", rules) for name in re.findall(r"\bportal_\w+", line)}
    assert len(named) > 8
    assert named <= there, f"no such metrics: {named - there}"
    for label, value in re.findall(r'(state)="([^"]+)"', rules):
        assert any(value in sample for sample in (*told(REGISTRY), *of_worker())), (label, value)
    alerts = set(re.findall(r"- alert: (\w+)", rules))
    explained = set(
        re.findall(r"^\| `(\w+)` \| .{20}", (ROOT / "docs" / "operate.md").read_text("utf-8"), re.MULTILINE)
    )
    assert alerts <= explained, f"say in docs/operate.md what these ask for: {alerts - explained}"


def test_metrics_are_for_this_machine_unless_somebody_says_more() -> None:
    assert address({}, WEB_PORT) == ("127.0.0.1", 9464)
    assert address({}, WORKER_PORT) == ("127.0.0.1", 9465)
    assert address({"METRICS_BIND": "[::]:9000"}, WEB_PORT) == ("::", 9000)
    assert address({"METRICS_BIND": "off"}, WEB_PORT) is None
    assert address({"PORTAL_MODE": "demo"}, WEB_PORT) is None
    for wrong in ("9464", "here", "host:x", ":1"):
        with pytest.raises(SettingError, match="METRICS_BIND"):
            address({"METRICS_BIND": wrong}, WEB_PORT)


def test_a_port_that_is_taken_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        serve(("127.0.0.1", taken.getsockname()[1]), CollectorRegistry())
    assert "No metrics are told" in caplog.text
