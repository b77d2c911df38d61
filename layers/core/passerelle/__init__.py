"""Passerelle keeps online shops in step: one river from a source to a destination, with a ledger of what was written."""
