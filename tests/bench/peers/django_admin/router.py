"""Which of the two databases a model is in."""

from django.db.models import Model

PORTAL = "django_admin"  # the label of this application, whose models are the portal's tables


class Router:
    """The portal's tables are in the portal's database, Django's own in the other."""

    def db_for_read(self, model: type[Model], **_hints: object) -> str | None:
        """The portal's database for the portal's tables."""
        return "portal" if model._meta.app_label == PORTAL else None

    db_for_write = db_for_read

    def allow_relation(self, *_models: Model, **_hints: object) -> bool:
        """Nothing is written: a row of one database may be named by the other."""
        return True

    def allow_migrate(self, db: str, *_labels: str, **_hints: object) -> bool:
        """Nothing is ever made in the portal's database."""
        return db == "default"
