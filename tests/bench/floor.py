"""The floor: the same three pages by the raw driver and a hand-written template, audit row included.

Same role, same row security, same number of processes. What the portal's pages cost is told as a multiple.
Each page says what it leaves out.
"""

import os
from collections.abc import Callable, Iterable
from html import escape
from typing import Any
from urllib.parse import parse_qs

import psycopg
from psycopg.rows import tuple_row

from portal import clock
from portal.model import new_id

QUEUE = """
with m as materialized (
    select rank, due, case_id from case_scope
     where reader = %(reader)s and sees = 2 and rank <= 8 order by rank, due, case_id limit 50)
select c.reference, k.given_name, k.family_name, k.dob, c.level, c.state, a.name, m.due
  from m join cre_case c on c.id = m.case_id join child k on k.id = c.child_id
  join agency a on a.id = c.lead_agency_id order by m.rank, m.due, m.case_id
"""
#: How many of a short list each answer of its filters would leave, as the portal says beside them.
COUNTS = """
with m as materialized (
    select due, case_id from case_scope where reader = %(reader)s and sees = 2 and rank <= 8 limit 1001)
select count(*), count(*) filter (where c.level = 'high'), count(*) filter (where c.level = 'medium'),
       count(*) filter (where c.level = 'low'), count(*) filter (where m.due < now()),
       count(*) filter (where exists (
           select 1 from missing_episode e
            where e.child_id = c.child_id and e.returned_at is null and e.withdrawn_at is null)),
       count(*) filter (where not exists (
           select 1 from chronology_entry e
            where e.case_id = c.id and e.happened_at >= now() - interval '28 days')),
       count(*) filter (where not exists (
           select 1 from safety_plan p where p.case_id = c.id and p.state = 'in_force'))
  from m join cre_case c on c.id = m.case_id join child k on k.id = c.child_id
"""
SEARCH = """
select k.reference, k.given_name, k.family_name, k.dob
  from (select child_id from name_key where key = %(key)s limit 50) n join child k on k.id = n.child_id
"""
CASE = """
select c.reference, c.state, c.level, c.types::text, k.given_name, k.family_name, k.dob, a.name
  from cre_case c join child k on k.id = c.child_id join agency a on a.id = c.lead_agency_id
 where c.reference = %(reference)s
"""
OF_CASE = (
    """
select e.happened_at, e.kind, e.text, u.name, a.name
  from cre_case c join chronology_entry e on e.case_id = c.id
  join app_user u on u.id = e.author_id join agency a on a.id = e.agency_id
 where c.reference = %(reference)s order by e.happened_at desc, e.id desc limit 20
""",
    """
select d.kind, d.due_at, t.name
  from cre_case c join deadline d on d.case_id = c.id and d.state = 'open'
  left join team t on t.id = d.owner_team_id
 where c.reference = %(reference)s order by d.due_at
""",
    """
select a.name, t.name, u.name
  from cre_case c join involvement i on i.case_id = c.id and i.ended_at is null
  join agency a on a.id = i.agency_id join team t on t.id = i.team_id
  left join app_user u on u.id = i.worker_id
 where c.reference = %(reference)s order by a.name
""",
)
AUDIT = """
insert into audit_event (id, at, actor_id, action, details)
values (%(id)s, %(at)s, ctx.user_id(), 'floor:view', '{}')
"""
PAGES = {"/queue": (QUEUE,), "/short-queue": (COUNTS, QUEUE), "/search": (SEARCH,), "/case": (CASE, *OF_CASE)}
ROW = "<tr>" + "<td>{}</td>" * 8 + "</tr>"
#: Said on the page too: whoever compares knows what is not compared.
LEFT_OUT = (
    "Left out: who asks by name, the count of messages, navigation, links, form tokens; of a case also"
    " alerts, levels, the plan, meetings and what other records say in its chronology; of a short queue also"
    " what is new to whoever reads it, who turns 18 and who works on it."
)
PAGE = (
    f"<!doctype html><html lang=en><title>Floor</title><h1>Floor</h1><p>{LEFT_OUT}</p>"
    "<table>{}</table></html>"
)

StartResponse = Callable[[str, list[tuple[str, str]]], Any]
_connection: psycopg.Connection | None = None


def _connect() -> psycopg.Connection:
    global _connection  # noqa: PLW0603 - one connection a process, as small as a floor can be
    if _connection is None:
        address = os.environ["DATABASE_URL"].replace("+psycopg", "")
        _connection = psycopg.connect(address, row_factory=tuple_row, prepare_threshold=1)
    return _connection


def app(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """Answer a page of `PAGES`, with `reader`, `key` or `reference`, for the session in the cookie."""
    asked = {name: values[0] for name, values in parse_qs(environ.get("QUERY_STRING", "")).items()}
    token = environ.get("HTTP_COOKIE", "").partition("=")[2]
    connection = _connect()
    with connection.transaction():
        connection.execute("select set_config('portal.session', %s, true)", [token])
        statements = PAGES[environ["PATH_INFO"]]
        rows = [row for statement in statements for row in connection.execute(statement, asked).fetchall()]
        connection.execute(AUDIT, {"id": new_id(), "at": clock.now()})
    shown = (ROW.format(*(escape(str(value)) for value in (*row, *[""] * (8 - len(row))))) for row in rows)
    body = PAGE.format("".join(shown)).encode()
    start_response("200 OK", [("Content-Type", "text/html"), ("Content-Length", str(len(body)))])
    return [body]
