"""How much a file may hold. Whoever refuses for one of these says it."""

MOST_ROWS = 100_000
"""Below the headings."""

MOST_COLUMNS = 64

LAST_ROW = 1_048_576
"""Of a sheet in Excel. Blank rows are skipped, but not without end."""

LONGEST_CELL = 32_767
"""Characters; Excel holds no more. What a field takes is less, and judged later."""

LONGEST_LINE = 1_000_000
"""Characters of a line of text."""
