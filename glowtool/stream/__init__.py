"""The interpretation of the readings: processors over numpy blocks. Pure: no files, no radio, no wall clock."""
