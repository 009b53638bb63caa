"""Read every recorded sales call; see the README."""
