"""Sharing a concern: filling the form in, sending it, and what becomes of it."""

from flask import Blueprint

from portal.blueprints.referrals import filling, left, sending, sent, starting

blueprint = Blueprint("referrals", __name__)
for views in (starting, filling, sending, sent, left):
    views.register(blueprint)
