"""The page of one child, and everything that is added to it or corrected on it."""

from flask import Blueprint

blueprint = Blueprint("children", __name__, url_prefix="/children")
