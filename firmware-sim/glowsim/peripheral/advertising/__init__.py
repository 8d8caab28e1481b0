"""What is advertised, by which address, and who is let in."""
