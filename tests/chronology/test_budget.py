"""A child with 150 episodes and a case with 2,000 entries: pages, print and file stay within the budgets."""

from time import process_time

from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.cases.test_page import BUDGET, ClientFor
from tests.cast import Cast
from tests.chronology.conftest import Life
from tests.documents.reading import open_pdf
from tests.statements import beside_the_context

#: So many times what the page of a child with fifty lines costs: a page may not grow with what is on others.
#: Looser than the budget of `make bench`, which measures on a quiet machine.
GROWTH = 2

ENTRIES = text(
    """
insert into chronology_entry (id, case_id, author_id, agency_id, kind, text, happened_at, created_at,
                              handling, listed_agencies, family_safe, details)
select gen_random_uuid(), :case, :author, :agency, 'police', repeat('Seen near the station again. ', 8),
       now() - n * interval '5 hours', now(), case when n % 7 = 0 then 'own' else 'network' end, '{}', 'ask',
       '{}'
  from generate_series(1, :many) n"""
)
EPISODES = text(
    """
insert into missing_episode (id, reference, child_id, reported_name, status, missing_since, reported_at,
                             reported_by, recorded_by, recorded_agency_id, recorded_at, circumstances,
                             last_seen, wearing, believed_with, found_where, found_with, injuries,
                             prevention_by, prevention_words, responsible_authority, returned_at,
                             policy_version, version)
select gen_random_uuid(), 'MIS-T' || n, :child, 'A', 'missing', now() - n * interval '3 days',
       now() - n * interval '3 days', 'A carer', :author, :agency, now(), 'Left by the back door', '', '', '',
       'By the station', '', '', '', '', 'derbyshire', now() - n * interval '3 days' + interval '6 hours',
       'test', 1
  from generate_series(1, 150) n"""
)


def fastest(client_for: ClientFor, cast: Cast, address: str) -> float:
    """The seconds of processor time of the quickest of some looks at a page, after a first one.

    By the clock it would depend on what the machine does besides; what is read `make small-bench` counts.
    """
    client = client_for(cast.officer)
    client.check_pages = False
    took = []
    for _ in range(6):
        start = process_time()
        assert client.get(address).status_code == 200
        took.append(process_time() - start)
    return min(took[1:])


def test_a_long_life_costs_a_page_what_a_short_one_does(
    rows: Session, cast: Cast, life: Life, client_for: ClientFor, statements: list[str]
) -> None:
    address = f"/children/{life.child.reference}/chronology"
    whose = {"case": life.case.id, "author": cast.officer.id, "agency": cast.police.id}
    rows.execute(ENTRIES, whose | {"many": 50})
    rows.commit()
    short = fastest(client_for, cast, address)
    rows.execute(ENTRIES, whose | {"many": 2000})
    rows.execute(EPISODES, {"child": life.child.id, "author": cast.officer.id, "agency": cast.police.id})
    rows.execute(text("analyze chronology_entry, missing_episode"))
    rows.commit()
    long = fastest(client_for, cast, address)
    client = client_for(cast.officer)
    client.check_pages = False
    for tail in ("", "?what=missing", "?critical=y", "/print"):
        statements.clear()
        assert client.get(f"{address}{tail}").status_code == 200
        assert len(beside_the_context(statements)) <= BUDGET, tail
    made = open_pdf(client.get(f"{address}.pdf?what=missing").data)
    assert made.text.count("Left by the back door") == 150
    assert long < short * GROWTH, f"{long * 1000:.0f} ms after {short * 1000:.0f} ms"
