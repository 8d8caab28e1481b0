"""What a massage is, in people's units: light to import, and the same for every device that can give one."""
