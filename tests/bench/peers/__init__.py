"""The portal beside Django admin and Flask-Admin over its own cases: `python -m tests.bench.peers`."""
