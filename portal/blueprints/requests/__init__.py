"""What teams are asked about children: asking, answering, withdrawing, and the list for the week."""

from flask import Blueprint

blueprint = Blueprint("requests", __name__, url_prefix="/requests")
