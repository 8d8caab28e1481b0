"""What both programs say of a command line that is wrong, and how their groups of commands look."""
