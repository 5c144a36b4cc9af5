"""`python -m tests.upgrade`: old and new processes serve one database while a release is put in place.

The database of an earlier release is upgraded while a process of that release is in use; afterwards people
go on in both. Ends with status 1 when a page does not answer, an entry is lost, or one does not see what the
other wrote.
"""

import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from portal.demo import postgres
from tests.restore.dumping import Place
from tests.structure.source import ROOT
from tests.upgrade import former
from tests.walk.process import Process

NAME = "portal_former"
#: Who goes on working, and who of them adds what their agency knows.
PEOPLE = ("Cora Inglewood", "Wanda Pennywhistle", "Nell Foxglove", "Gwen Oakapple")
WRITER = "Wanda Pennywhistle"
VISITOR = Path(__file__).with_name("visitor.py")


def main() -> int:
    """Run the whole of it. Returns the status for the shell."""
    try:
        with ExitStack() as stack:
            faults = _run(stack, Path(stack.enter_context(tempfile.TemporaryDirectory())))
    except (former.Missing, postgres.CannotStart) as missing:
        print(f"Cannot run: {missing}", file=sys.stderr)
        return 1
    for fault in faults:
        print(f"NOT AS IT SHOULD BE: {fault}", file=sys.stderr)
    print(f"upgrade_faults {len(faults)}")
    return 1 if faults else 0


def _run(stack: ExitStack, folder: Path) -> list[str]:
    server = stack.enter_context(postgres.start(folder / "database", durable=False))
    place = former.put_back(server, NAME)
    tokens, case = former.sessions(place, PEOPLE), _case_of(place)
    environment = former.environment(server, NAME)
    former_code = former.code(folder / "former")
    old = stack.enter_context(Process(VISITOR, former_code, environment))
    known = _walked(old, tokens, "former release before")

    began = time.monotonic()
    current = {**environment, **_current(server)}
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"],
        check=False,
        cwd=ROOT,
        env=current,
        capture_output=True,
        text=True,
    )
    print(f"upgrade_seconds {time.monotonic() - began:.1f}", flush=True)
    if done.returncode:
        return [f"flask db upgrade: {done.stderr}"]

    new = stack.enter_context(Process(VISITOR, ROOT, current))
    faults = [one for one in _walked(old, tokens, "former release afterwards") if one not in known]
    faults += _walked(new, tokens, "this release")
    for release, by, other in (("former", old, new), ("this", new, old)):
        words = f"Added by the {release} release while both were in use."
        said = by.ask(do="enter", **{"as": tokens[WRITER]}, case=case, text=words)
        if said["status"] != 303:
            faults.append(f"an entry by the {release} release: {said}")
        for whose in (by, other):
            if not whose.ask(do="read", **{"as": tokens[WRITER]}, case=case, text=words)["shown"]:
                where = "it" if whose is by else "the other"
                faults.append(f"an entry by the {release} release is not shown by {where}")
    return faults


def _walked(process: Process, tokens: dict[str, str], which: str) -> list[str]:
    """Everybody follows their links; the pages that did not answer."""
    faults: list[str] = []
    pages = 0
    for name, token in tokens.items():
        found = process.ask(do="walk", **{"as": token})
        pages += found["pages"]
        faults += [f"{name}: {one}" for one in found["broken"]]
    print(f"{which}: {pages} pages, {len(faults)} did not answer", flush=True)
    return faults


def _case_of(place: Place) -> str:
    """An open case that the writer leads."""
    with place.connect() as connection:
        row = connection.execute(
            "select c.reference from cre_case c join app_user u on u.id = c.lead_professional_id"
            " where u.name = %s and c.state not in ('closed', 'transferred') and c.sensitivity = 0"
            " order by c.reference limit 1",
            [WRITER],
        ).fetchone()
    assert row, f"{WRITER} leads a case in the demonstration"
    return str(row[0])


def _current(server: postgres.Server) -> dict[str, str]:
    """What this release's settings need beyond the former's."""
    return {
        "PYTHONPATH": os.fspath(ROOT),
        "DATABASE_SIGN_IN_URL": server.url("portal_sign_in", NAME),
        "SEARCH_HASH_KEY": "what searches are compared by, in a test",
    }


if __name__ == "__main__":
    sys.exit(main())
