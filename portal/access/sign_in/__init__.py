"""Signing in through an organisation's own identity provider (OpenID Connect)."""
