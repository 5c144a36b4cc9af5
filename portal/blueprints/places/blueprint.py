"""Who could watch or act in a place of concern, and what is known of it."""

from flask import Blueprint

blueprint = Blueprint("places", __name__, url_prefix="/concerns/<reference>")
