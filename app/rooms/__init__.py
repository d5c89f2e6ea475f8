"""Rooms and instructors: what there is, what each is booked for, and who is free when."""
