"""The blueprint that the views of this package are on."""

from flask import Blueprint

blueprint = Blueprint("concerns", __name__, url_prefix="/concerns")
