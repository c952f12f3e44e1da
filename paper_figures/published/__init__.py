"""Numbers as the papers print them, digit for digit, as texts; nothing else is copied from them.

The ledger proves claims on them, and the tables and figures set ours beside them.
"""
