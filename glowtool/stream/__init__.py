"""What the readings mean: processors over numpy blocks. Pure: no files, no radio, no wall clock."""
