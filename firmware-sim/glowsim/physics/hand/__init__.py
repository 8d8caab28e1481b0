"""The hand that holds the roller, how people differ, and the diary of what it really did."""
