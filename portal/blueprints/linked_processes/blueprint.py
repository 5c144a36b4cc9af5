"""The blueprint that the views of this package are on."""

from flask import Blueprint

blueprint = Blueprint("linked_processes", __name__)
