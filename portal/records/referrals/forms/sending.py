"""The information form, page by page. A draft keeps what was typed; reading it gives typed answers."""

from portal.records.referrals.forms.base import PageForm, Setting
from portal.records.referrals.forms.lists import MOST, ListsPage
from portal.records.referrals.forms.reading import (
    SENDER,
    STEPS,
    Page,
    Problem,
    Reading,
    Step,
    has_answers,
    read,
    steps_for,
)
from portal.records.referrals.forms.typed import Typed

__all__ = [
    "MOST",
    "SENDER",
    "STEPS",
    "ListsPage",
    "Page",
    "PageForm",
    "Problem",
    "Reading",
    "Setting",
    "Step",
    "Typed",
    "has_answers",
    "read",
    "steps_for",
]
