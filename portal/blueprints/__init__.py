"""Views, by audience."""

from importlib import import_module

from flask import Flask

#: In the order in which a newcomer would meet them.
NAMES = (
    *("public", "auth", "home", "hub", "police", "social_care", "health", "council"),
    *(
        "referrals",
        "cases",
        "contributions",
        "concerns",
        "assessments",
        "plans",
        "linked_processes",
        "fgm",
        "attachments",
        "children",
        "missing",
        "return_interviews",
        "orders",
        "search",
        "disclosures",
        "requests",
        "meetings",
        "minutes",
        "panels",
        "downloads",
        "messages",
    ),
    *("places", "directory", "absences", "work", "admin"),
)


def init_app(app: Flask) -> None:
    """Register every blueprint; each module offers one, named `blueprint`."""
    for name in NAMES:
        app.register_blueprint(import_module(f"portal.blueprints.{name}").blueprint)
