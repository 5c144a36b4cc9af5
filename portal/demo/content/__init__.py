"""What the people of the demonstration have done: months of work, done again as each of them.

Nothing here writes around the portal. Every child, case and form goes through the same services as in use,
with the session of the person who did it: deadlines, reach and the audit trail are what they would be.
All of it is one transaction: a run that is stopped leaves nothing, but that its people signed in and out.
"""

from flask import Flask

from portal import clock
from portal.access.sign_in import attempt
from portal.demo.content import cases, children, concerns, meetings, missing, plans, requests, triage
from portal.demo.content.acting import Stage, described
from portal.extensions import db


def load(app: Flask) -> None:
    """Write the work of the demonstration's people into a database that holds the people and no case."""
    with app.test_request_context("/demonstration"):
        stage = Stage(clock.now())
        try:
            _write(stage)
            stage.clear()
            db.session.commit()
        except BaseException:
            db.session.rollback()
            stage.clear()  # signing in is on a connection of its own: nobody is to stay signed in
            raise
        finally:
            attempt.dispose(app)


def _write(stage: Stage) -> None:
    described_children = described("children")
    known = children.write(stage, described_children)
    cases.write(stage, described_children, known)
    children.link(stage, described_children, known)
    written = triage.write_forms(stage, described("forms"))
    triage.write(stage, described("forms"), written, known)
    requests.write(stage, described("questions"), written, known)
    plans.write_safety_plans(stage, described("safety_plans"), known)
    plans.write(stage, described("plans"), known)
    missing.write(stage, described("missing"), known)
    missing.write_interviews(stage, described("interviews"), known)
    concerns.write(stage, described("concerns"), known)
    concerns.write_orders(stage, described("orders"), known)
    plans.write_linked(stage, described("linked"), known)
    meetings.write(stage, described("meetings"), known)
    concerns.write_places(stage, described("places"), described("directory"))
    triage.write_leavers(stage)
