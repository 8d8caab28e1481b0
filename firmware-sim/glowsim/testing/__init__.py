"""Tools for testing a firmware or a host: fixtures, and massages in a block of a test."""
