"""What those who test a firmware or a host use: fixtures, and massages in a block of a test."""
