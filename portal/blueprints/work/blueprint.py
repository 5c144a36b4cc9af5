"""What is due, and who has it in hand."""

from flask import Blueprint

blueprint = Blueprint("work", __name__, url_prefix="/work")
