"""The checks of `glowtool doctor`: stages gather facts one after the other, and tables of checks judge them."""
