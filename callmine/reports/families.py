"""Families of things heard."""

FAMILIES = ("objection", "competitor", "message", "theme")
"""What is looked at together; false discoveries are kept in bounds within each."""
