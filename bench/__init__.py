"""Speed, memory and understanding, measured on real processes beside Rasa's stock starter bot."""
