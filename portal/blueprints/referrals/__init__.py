"""Sharing a concern: filling the form in, sending it, and what becomes of it."""

from flask import Blueprint

blueprint = Blueprint("referrals", __name__)

from portal.blueprints.referrals import draft, filling, sending, sent  # noqa: E402,F401 # they add their routes
