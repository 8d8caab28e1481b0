"""What is told while a massage goes on: the meter, dry skin, the zero of the cells."""
