"""How jobs are spread over workers. Every executor gives the same results in the same order."""
