"""One step on something of concern: its page, taking it, and what to do when somebody was first."""

from collections.abc import Callable
from typing import Any

from flask import Response, flash, url_for

from portal.blueprints.concerns.looking import around, look
from portal.forms.offering import OfferingForm
from portal.records.concerns.model import Concern
from portal.services.errors import Conflict, DomainError
from portal.web.page import render, see_other
from portal.web.transaction import attempt


def take(
    concern: Concern,
    form: OfferingForm,
    *,
    title: str,
    button: str,
    done: str,
    step: Callable[[], Any],
    says: str = "",
    warns: bool = False,
    leads_to: str = "",
) -> Response:
    """Show the page of a step, or take it.

    Args:
        title, button, says: what the page is called, what its button says, and what the step means.
        done: what is said once it is taken.
        warns: whether the button is a red one.
        leads_to: where to go afterwards; by default its page.
    """
    problem: DomainError | None = None
    reference = concern.reference
    if "version" in form and not form.is_submitted():
        form["version"].data = str(concern.version)
    if form.validate_on_submit():
        try:
            with attempt():
                step()
        except DomainError as refused:
            problem = refused
            if isinstance(refused, Conflict) and "version" in form:
                form["version"].data = str(concern.version)  # what is saved again replaces what it says now
        else:
            flash(done)
            return see_other(leads_to or url_for("concerns.show", reference=reference))
    look(concern)
    return render(
        "concerns/step.html",
        **around(concern),
        form=form,
        problem=problem,
        title=title,
        button=button,
        says=says,
        warns=warns,
        fields=[one for one in form if one.type not in {"Hidden", "CSRFTokenField"}],
    )
