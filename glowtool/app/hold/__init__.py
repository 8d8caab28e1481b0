"""A roller that is held by one glowtool at a time, and how others have it stopped."""
