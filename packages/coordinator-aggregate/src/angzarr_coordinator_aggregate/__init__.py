"""Commands of one domain: admit, lane, state, logic, append, acknowledge, wake."""

__all__: list[str] = []
