"""The blueprint that the views of this package are on."""

from flask import Blueprint

blueprint = Blueprint("return_interviews", __name__)
