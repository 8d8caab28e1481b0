"""The roller's flash: a chip with the limits of a real one, and records that survive a brown-out during any write."""
