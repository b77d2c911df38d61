"""The river: plan, carry, settle, and follow for one changed object."""
