"""The hand that holds the roller, the differences between people, and the diary of what the hand really did."""
