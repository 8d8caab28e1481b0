"""What is heard: one scan in the controller, as bleak's scanners see it."""
