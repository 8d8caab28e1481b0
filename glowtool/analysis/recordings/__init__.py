"""The recordings that are analysed: one session's columns, its pauses, and the dose that they show."""
