"""Sharing a concern: filling the form in, sending it, and what becomes of it."""

from flask import Blueprint

blueprint = Blueprint("referrals", __name__)
