"""Entries are tested on a case as the pages of cases are."""

from tests.cases.conftest import acting, case

__all__ = ["acting", "case"]  # fixtures that these tests use
