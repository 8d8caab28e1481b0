"""What a person does with plans: begin one, see what is due today and how it goes, take it into a calendar."""
