"""The layout of the main content: how its blocks become one text, plain or in Markdown.

    containers     the list items, quotes, tables and cells that a block is in
    tables         which tables are written row by row, and the column of each cell
    code_language  the programming language that the class names of code tell
    plain          one line for each block or row of a table; code as it is
    markdown       headings, lists, quotes, tables and code with the marks of Markdown
    segments       what both return, and the one place that chooses between them

Both write each block that is kept exactly once and in the order of the page. They change nothing
in the text of a block, except that a bar in a cell is escaped in Markdown, and so is a line of
prose that would open a block of code. So the words of both are the same.
"""
