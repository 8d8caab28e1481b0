"""What `glowtool doctor` looks at: facts are gathered by one stage after the other, and judged by tables of checks."""
