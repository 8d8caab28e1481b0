"""The body around the roller: cells, encoders, motor, electrodes, battery, heat, hand. Pure functions of time."""
