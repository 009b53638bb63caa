"""Statistics: pure functions on counts and arrays, with the source of each method."""
