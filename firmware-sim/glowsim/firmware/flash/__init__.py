"""The roller's flash: a chip as unforgiving as a real one, and records that survive a brown-out at any write."""
