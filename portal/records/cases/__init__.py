"""Shared cases: who leads them, who works on them, who reads them, and how closely they are held."""
