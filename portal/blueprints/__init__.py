"""Views, by audience."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

from flask import Blueprint, Flask


def init_app(app: Flask) -> None:
    """Register the blueprint of every module and package here, by name."""
    for blueprint in found():
        app.register_blueprint(blueprint)


def found() -> Iterator[Blueprint]:
    """A module offers a blueprint of its own name as `blueprint`, or adds its views to that of another. The
    views of a package are in its modules.
    """
    for name in sorted(found.name for found in iter_modules(__path__)):
        module = import_module(f"{__name__}.{name}")
        for views in iter_modules(getattr(module, "__path__", ())):
            import_module(f"{module.__name__}.{views.name}")
        assert isinstance(module.blueprint, Blueprint)  # noqa: S101  # anything else is a fault of ours
        if module.blueprint.name == name:
            yield module.blueprint
