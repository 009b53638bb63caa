"""What the commands do, as library functions: one call each, values back, nothing printed."""
