"""What comes from the roller while it is read: frames, their books, and the readings that they make up."""
