"""The blueprint that the views of this package are on."""

from flask import Blueprint

blueprint = Blueprint("requests", __name__, url_prefix="/requests")
