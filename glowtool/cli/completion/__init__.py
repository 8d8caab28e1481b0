"""The completion of commands in a shell: answered from a table that is made beforehand, without loading any command."""
