"""Who is speaking: voices told apart, known again, and judged by their words."""
