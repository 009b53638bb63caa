"""How jobs are spread over workers. Every executor gives the same results, each as soon as it is there."""
