"""The guidance pages as the app shows them."""

from pathlib import Path

from flask import Flask, current_app

from portal import clock
from portal.policy.guidance import Guidance, load_guidance


def init_app(app: Flask) -> None:
    """Read the guidance once, so that a fault in it stops the start and not a reader.

    :raises portal.policy.PolicyError: names the file, the key and the remedy.
    """
    app.config.setdefault("POLICY_DIRECTORY", Path(app.root_path).parent / "config" / "policy")
    with app.app_context():
        current_guidance()


def current_guidance() -> Guidance:
    """The guidance that holds today."""
    return load_guidance(Path(current_app.config["POLICY_DIRECTORY"]), clock.today())
