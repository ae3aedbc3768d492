"""Users and the totals, which follow from each other."""

from synth.calibrate import sources
from synth.calibrate.hints import adapted
from synth.spec import compile as tables
from synth.spec import model

_NAME_FAMILIES = ("normal", "log_normal", "weibull", "negative_binomial")
_DEGREE_FAMILIES = (
    "log_normal",
    "power_law",
    "weibull",
    "geometric",
    "shifted_negative_binomial",
    "double_pareto_lognormal",
    "hurdle_log_normal",
)
_LARGEST_SHARE = 0.999
# More rows than this cannot be asked for in a spec.
_LARGEST_TOTAL = 10**12


def users(pack, default, ledger, talk):
    """Section ``users`` of the spec.

    Parameters
    ----------
    pack : synth.pack.model.Pack
    default : synth.spec.model.Spec
    ledger : synth.calibrate.ledger.Ledger
    talk : synth.spec.model.Conversations

    Returns
    -------
    synth.spec.model.Users
    """
    unattached = _share(pack, default, ledger, "unattached_share")
    return model.Users(
        username_length=_quantity(pack, default, ledger, "username_length", _NAME_FAMILIES),
        device_mix=_devices(pack, default, ledger),
        profile_completeness=_profile(pack, default, ledger),
        conversations_per_user=_quantity(
            pack,
            default,
            ledger,
            "conversations_per_user",
            _DEGREE_FAMILIES,
            mean=_degree(pack, ledger, talk, unattached),
        ),
        unattached_share=unattached,
        silent_share=_share(pack, default, ledger, "silent_share"),
    )


def _degree(pack, ledger, talk, unattached):
    """Mean conversations of a user, as many memberships as the conversations have members.

    The members of a conversation have narrow buckets, the conversations of the busiest users one
    wide bucket, so the former know the mean better.
    """
    people, conversations = pack.total("users"), pack.total("conversations")
    known = "conversations.members" not in ledger.paths("default")
    if not people or not conversations or not known:
        return None
    mean = conversations * _members(talk) / (people * (1.0 - unattached))
    return mean if mean >= 1 else None


def _members(talk):
    default = talk.members.get("all") or next(iter(talk.members.values()))
    return sum(
        share * _mean(talk.members.get(kind, default)) for kind, share in talk.type.shares.items()
    )


def _quantity(pack, default, ledger, name, families, *, mean=None):
    found = sources.evidence(pack, "users", name, mean=mean, discrete=True, lower=1)
    if found.is_empty:
        return adapted(ledger, f"users.{name}", getattr(default.users, name), found)
    return ledger.fit(f"users.{name}", found, families)


def _devices(pack, default, ledger):
    shares = {name: value for name, value in pack.shares("users", "device_mix").items() if value}
    if not shares:
        return ledger.default("users.device_mix", default.users.device_mix)
    return ledger.mix(
        "users.device_mix", shares, "device mix", n=pack.n_rows("users", "device_mix")
    )


def _profile(pack, default, ledger):
    path = "users.profile_completeness"
    known = pack.labelled("users", "profile_completeness")
    fields = default.users.profile_completeness
    found = {name: known[name] for name in fields if known.get(name) is not None}
    if not found:
        return ledger.default(path, fields)
    missing = [name for name in fields if name not in found]
    evidence = "profile completeness" + (f", default {', '.join(missing)}" if missing else "")
    ledger.figure(path, None, evidence)
    return {name: min(max(found.get(name, value), 0.0), 1.0) for name, value in fields.items()}


def _share(pack, default, ledger, name):
    value = pack.scalar("users", name)
    if value is None:
        return ledger.default(f"users.{name}", getattr(default.users, name))
    return ledger.figure(f"users.{name}", min(value, _LARGEST_SHARE), name)


def _mean(quantity):
    return tables.table_mean(*tables.quantile_table(quantity), discrete=quantity.discrete)


def _derived(number):
    """A total that follows from others, within what a spec may hold."""
    return int(min(max(round(number), 1), _LARGEST_TOTAL))


def totals(pack, default, ledger, talk, empty):
    """Section ``totals``, users left as they are.

    Parameters
    ----------
    pack : synth.pack.model.Pack
    default : synth.spec.model.Spec
    ledger : synth.calibrate.ledger.Ledger
    talk : synth.spec.model.Conversations
    empty : float
        Share of empty conversations.

    Returns
    -------
    synth.spec.model.Totals
    """
    messages, conversations = pack.total("messages"), pack.total("conversations")
    known = talk.messages.get("all") or next(iter(talk.messages.values()))
    busy = _mean(known) * (1.0 - empty)
    if messages:
        ledger.figure("totals.messages", messages, "total_count")
    elif conversations:
        messages = _derived(conversations * busy)
        ledger.figure("totals.messages", messages, "conversations x mean", source="derived")
    else:
        messages = ledger.default("totals.messages", default.totals.messages)
    if conversations:
        ledger.figure("totals.conversations", conversations, "total_count")
    else:
        conversations = _derived(messages / busy)
        ledger.figure("totals.conversations", conversations, "messages / mean", source="derived")
    return model.Totals(messages, conversations, 1, empty)


def with_users(pack, default, ledger, found, users_section, talk):
    """Add the number of users, from the memberships where the pack does not say it.

    Parameters
    ----------
    pack : synth.pack.model.Pack
    default : synth.spec.model.Spec
    ledger : synth.calibrate.ledger.Ledger
    found : synth.spec.model.Totals
    users_section : synth.spec.model.Users
    talk : synth.spec.model.Conversations

    Returns
    -------
    synth.spec.model.Totals
    """
    path = "totals.users"
    number = pack.total("users")
    if number:
        ledger.figure(path, number, "total_count")
    else:
        degree = _mean(users_section.conversations_per_user)
        attached = 1.0 - users_section.unattached_share
        number = found.conversations * _members(talk) / degree / attached
        number = _derived(number)
        ledger.figure(path, number, "memberships / conversations per user", source="derived")
    return model.Totals(
        found.messages, found.conversations, int(number), found.empty_conversation_share
    )
