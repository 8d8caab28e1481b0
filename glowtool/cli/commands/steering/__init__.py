"""The commands that steer a massage from another terminal."""
