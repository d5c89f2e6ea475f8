"""Who attended which sessions and for how long, what became of them, and what they learnt by
themselves."""
