"""Are the win/loss statistics right? Quarters without any effect, planted differences, and coverage."""
