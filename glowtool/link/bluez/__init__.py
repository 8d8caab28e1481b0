"""What bleak leaves open on Linux: pairing with an agent of our own, bonds, and what BlueZ's errors mean."""
