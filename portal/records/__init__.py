"""What the portal keeps, one package for each noun; `portal/registry.py` has their order."""
