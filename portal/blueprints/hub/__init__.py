"""Triage and deciding: open to the hub's coordinators and nobody else."""

from flask import Blueprint

from portal.access.guard import audience
from portal.vocabulary import Sector

blueprint = Blueprint("hub", __name__, url_prefix="/triage")
audience(blueprint, Sector.HUB)
