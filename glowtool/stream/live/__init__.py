"""Live readings during a massage: the meter, dry skin, and the zero of the cells."""
