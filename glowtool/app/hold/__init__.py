"""One glowtool at a time holds a roller; others can ask it to stop the roller."""
