"""The consent table for a reader of no code: `python -m passerelle.rules.consent_table > docs/consent.md`."""

import sys
from collections.abc import Iterable

from passerelle.model import AudienceStatus, ConsentState
from passerelle.rules.consent_rows import ROWS, Row
from passerelle.rules.situation import Phase

_HEAD = """\
# Consent: who may be written to

Printed from `passerelle/rules/consent_rows.py`, the table that decides. **Audience** is the contact's
status in the audience, **store** the consent that the shop holds. For a person, the rows are read from the top; the
first one whose phase, audience, store and condition all hold decides, and the rest is not looked at. The id is
the statement of the specification that the row fulfils.

What holds of every row, proven over every combination by `tests/unit/rules/test_consent_invariants.py`:

- Nobody becomes subscribed on one side without an opt-in on the other that is known to be newer than every
  opt-out on record. Withdrawals win ties; an act whose instant nobody knows never outweighs a withdrawal.
- *Not subscribed* and *none* at the store mean that nobody asked; they are never passed on as a withdrawal.
- The status of a contact that is cleaned, archived or forgotten is never written.
- An opt-in travels only the way of the event that brought it (a full pass looks both ways); a withdrawal
  travels both ways.
- A value that we wrote ourselves is no new act of the person when it is read again, as long as it bears the instant
  that it had when we wrote it. Another instant is another act, whatever it ended at. A store that dates no withdrawal may
  show instead what every act moves: once it moved, the withdrawal wins. Where a side shows neither, two acts that end
  where we left it are not told from none.
- A store may keep the date of a first opt-in for every later one. Who was seen withdrawn there, at what the store showed
  then, and is opted in now did so later than that. Where a withdrawal in the audience may be newer all the same, the
  withdrawal wins on both sides. A withdrawal that bears no date is no later than the look that saw it.
- Once a verdict is carried out, deciding again changes nothing.

| # | Id | Phase | Audience | Store | If | Then | Because |
| --- | --- | --- | --- | --- | --- | --- | --- |
"""


def rendered() -> str:
    """The whole page, ending in a line break."""
    return _HEAD + "".join(_line(number, row) for number, row in enumerate(ROWS, start=1))


def _line(number: int, row: Row) -> str:
    cells = (
        str(number),
        row.rule,
        _names(row.phases, Phase),
        _names(row.audience, AudienceStatus),
        _names(row.store, ConsentState),
        "; and ".join(_words(test.__doc__) for test in row.when) or "always",
        row.then.value,
        row.reason,
    )
    return f"| {' | '.join(cells)} |\n"


def _names[T: (Phase, AudienceStatus, ConsentState)](chosen: Iterable[T], all_of: type[T]) -> str:
    wanted = set(chosen)
    every = list(all_of)
    return "any" if len(wanted) == len(every) else ", ".join(str(each) for each in every if each in wanted)


def _words(text: str | None) -> str:
    sentence = " ".join((text or "").split()).rstrip(".")
    return sentence[:1].lower() + sentence[1:]


if __name__ == "__main__":
    sys.stdout.write(rendered())
