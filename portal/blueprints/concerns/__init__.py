"""Places, people, vehicles, phones, accounts and groups of concern, and the network around them."""

from portal.blueprints.concerns import changing as changing
from portal.blueprints.concerns import comparing as comparing
from portal.blueprints.concerns import grading as grading
from portal.blueprints.concerns import holding as holding
from portal.blueprints.concerns import index as index
from portal.blueprints.concerns import linking as linking
from portal.blueprints.concerns import network as network
from portal.blueprints.concerns import recording as recording
from portal.blueprints.concerns import show as show
from portal.blueprints.concerns.blueprint import blueprint as blueprint
