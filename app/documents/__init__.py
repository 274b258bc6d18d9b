"""Papers that leave the house: data in, PDF bytes out.

Pure: no database, no web framework, no clock. A service gathers what is printed into a frozen
document, and `render` typesets it. The same document always gives the same bytes.
"""
