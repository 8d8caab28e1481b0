"""Tools for testing a firmware or a host: fixtures, and massages within a block of a test."""
