"""Measurements: quality on labelled data, speed beside named peers."""
