"""The formats of other tools, one file each: what is in them, and what it becomes here."""
