"""Plans: which routine on which day, over weeks, and how far a person has come."""
