"""A link's consent policy, from the words it is stored in."""

from collections.abc import Mapping

from passerelle.rules.situation import InitialPolicy, Policy, UnsubscribedBecomes


def policy_of(words: Mapping[str, object]) -> Policy:
    """The policy; what is not said is as by default. Raises ValueError for a word that is none."""
    default = Policy()
    return Policy(
        initial=InitialPolicy(str(words.get("initial", default.initial))),
        correct_store=bool(words.get("correct_store", default.correct_store)),
        unsubscribed_becomes=UnsubscribedBecomes(
            str(words.get("unsubscribed_becomes", default.unsubscribed_becomes))
        ),
    )
