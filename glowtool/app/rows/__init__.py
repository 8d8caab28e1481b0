"""A row: routines that are run one after the other, each as a massage of its own."""
