"""The information form, page by page. A draft keeps what was typed; reading it gives typed answers."""

from portal.forms.referrals.base import PageForm, Setting
from portal.forms.referrals.lists import MOST, ListsPage
from portal.forms.referrals.reading import (
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
from portal.forms.referrals.typed import Typed

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
