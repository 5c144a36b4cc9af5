"""The database's own catalogue: nothing is unprotected, and tests run below it."""

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from portal.access.install import REFERENCE_TABLES
from tests.access.test_reach import Asking
from tests.cast import Cast


def test_every_table_is_protected_or_on_the_short_list(owner: Engine) -> None:
    with owner.connect() as connection:
        found = connection.execute(
            text(
                "select relname, relrowsecurity and relforcerowsecurity from pg_class"
                " where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'm', 'v')"
            )
        ).all()
    open_tables = {name for name, protected in found if not protected}
    assert open_tables <= REFERENCE_TABLES, (
        f"enable row security on {sorted(open_tables - REFERENCE_TABLES)}, or say in install.py why not"
    )


def test_tests_run_as_the_application_role(asking: Asking, cast: Cast, rows: Session) -> None:
    with asking(cast.officer) as session:
        role = session.execute(
            text("select rolname, rolsuper, rolbypassrls from pg_roles where rolname = current_user")
        ).one()
    assert role == ("portal_app", False, False)


def test_functions_that_read_past_the_rules_pin_their_search_path(owner: Engine) -> None:
    with owner.connect() as connection:
        loose = connection.scalars(
            text(
                "select proname from pg_proc where pronamespace = 'ctx'::regnamespace and prosecdef"
                " and not coalesce(proconfig::text, '') like '%search_path=pg_catalog, public, pg_temp%'"
            )
        ).all()
    assert not loose, f"pin search_path in {loose}"
