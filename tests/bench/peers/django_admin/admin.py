"""Cases in the admin: as the tutorial has it, and as Django's documentation advises for large tables.

Both show the columns, the order and the number of rows of the portal's list, so that rows can be compared.
"""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.views.main import SEARCH_VAR
from django.core.paginator import Paginator
from django.db import connections, models
from django.http import HttpRequest

from tests.bench.peers.django_admin.models import Case

COLUMNS = (
    *("reference", "child", "state", "level", "level_since"),
    *("lead_agency", "lead_professional", "next_due_at"),
)


class PlainAdmin(admin.ModelAdmin):
    """What is not said here is as Django has it: exact counts, contains for searching, no joins asked for."""

    list_display = COLUMNS
    list_per_page = 50
    search_fields = ("reference", "child__given_name", "child__family_name")
    ordering = (
        models.Case(
            models.When(state__in=("closed", "transferred"), then=9),
            models.When(level="high", then=1),
            models.When(level=None, then=2),
            models.When(level="medium", then=3),
            models.When(level="low", then=4),
            default=5,
        ),
        "next_due_at",
        "id",
    )

    def get_queryset(self, request: HttpRequest) -> "models.QuerySet[Case]":
        """Sealed cases are on nobody's list."""
        return super().get_queryset(request).filter(sensitivity__lt=2)


class EstimatingPaginator(Paginator):
    """Takes the number of all rows from the statistics of the table."""

    @property
    def count(self) -> int:
        """About how many rows there are."""
        with connections["portal"].cursor() as cursor:
            cursor.execute("select reltuples::bigint from pg_class where oid = 'cre_case'::regclass")
            return max(cursor.fetchone()[0], 0)


class TunedAdmin(PlainAdmin):
    """Counts nothing that it need not, joins what is shown, and searches and sorts by indexes."""

    list_select_related = ("child", "lead_agency", "lead_professional")
    show_full_result_count = False
    search_fields = ("=child__given_name", "=child__family_name")
    ordering = (
        models.Func("state", "level", function="ctx.queue_rank", output_field=models.SmallIntegerField()),
        "next_due_at",
        "id",
    )

    def get_paginator(self, request: HttpRequest, *given: Any, **more: Any) -> Paginator:
        """Counts what was searched for alone."""
        return (Paginator if SEARCH_VAR in request.GET else EstimatingPaginator)(*given, **more)


admin.site.register(Case, TunedAdmin if settings.TUNED else PlainAdmin)
