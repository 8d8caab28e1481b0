"""The quality of a stream while it comes: which pressure cells went bad, and how each shows it."""
