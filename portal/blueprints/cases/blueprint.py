"""The blueprint that the views of this package are on."""

from flask import Blueprint

blueprint = Blueprint("cases", __name__, url_prefix="/cases")
