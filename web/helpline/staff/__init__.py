"""The staff console: staff sign in, find conversations, read them, mark them and note things."""
