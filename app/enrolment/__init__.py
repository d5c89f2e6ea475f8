"""From nominations to seats: who comes to a course, decided by whom, out of which quota."""
