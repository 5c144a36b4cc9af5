"""Makes Django's own tables, and somebody who may look at cases."""

import os

import django
from django.core.management import call_command


def main() -> None:
    """Write into the SQLite file alone."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.bench.peers.django_admin.settings")
    django.setup()
    call_command("migrate", verbosity=0)
    from django.contrib.auth.models import Permission, User  # noqa: PLC0415 - needs the setup

    person = User.objects.create_user(os.environ["PERSON"], password=os.environ["PASSWORD"], is_staff=True)
    person.user_permissions.add(Permission.objects.get(codename="view_case"))


if __name__ == "__main__":
    main()
