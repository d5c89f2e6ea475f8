"""Files that people take out."""
