"""What a person is told while a massage runs: cues before and at each moment, and the coach's advice between them."""
