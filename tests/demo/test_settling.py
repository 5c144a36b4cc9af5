"""The demonstration is loaded at any hour of the week."""

from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from portal.demo.seed import settle


@pytest.mark.parametrize("hour", [2, 9, 18])
def test_what_the_portal_would_have_told_by_then_is_settled_on_a_working_day(
    rows: Session, app: Flask, hour: int
) -> None:
    """By the owner of the tables, who loads it and may not call all that the worker may."""
    with app.app_context(), time_machine.travel(datetime(2027, 11, 29, hour, tzinfo=UTC), tick=False):
        settle(rows)
