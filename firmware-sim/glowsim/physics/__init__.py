"""The body around the roller: cells, encoders, motor, electrodes, battery, heat, and the hand. Pure functions of time."""
