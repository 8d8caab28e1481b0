"""What renders the generated pages, from the declarations that the code works with. Not in the wheel."""
