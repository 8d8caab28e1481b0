"""Plans on disk: those that come with glowtool, files of people, and the plan that a person follows."""
