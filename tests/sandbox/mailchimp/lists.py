"""The calls under `/lists`: audiences, members, merge fields, tags, events."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sandbox.mailchimp.answers import Ask, Problem, bad, not_found, page, trimmed
from sandbox.mailchimp.audience import Audience, Member, hashed
from sandbox.mailchimp.texts import shown

MOST_MEMBERS = 500
type Reply = tuple[int, dict[str, Any] | None]


def stamp(instant: datetime | None) -> str:
    """An instant as Mailchimp writes it; empty where there is none."""
    return instant.astimezone(UTC).isoformat(timespec="seconds") if instant else ""


class Lists:
    """Answers the calls of an account's audiences."""

    def __init__(self, audiences: dict[str, Audience]) -> None:
        self._audiences = audiences
        member = "/lists/{listId}/members/{subscriberHash}"
        self.routes: dict[tuple[str, str], Callable[[Ask], Reply]] = {
            ("GET", "/lists"): self._lists,
            ("GET", "/lists/{listId}"): self._list,
            ("POST", "/lists/{listId}"): self._batch,
            ("GET", "/lists/{listId}/members"): self._members,
            ("POST", "/lists/{listId}/members"): self._add,
            ("GET", member): self._member,
            ("PUT", member): self._put,
            ("PATCH", member): self._patch,
            ("DELETE", member): self._archive,
            ("POST", member + "/actions/delete-permanent"): self._forget,
            ("GET", member + "/tags"): self._tags,
            ("POST", member + "/tags"): self._tag,
            ("GET", member + "/events"): self._events,
            ("POST", member + "/events"): self._event,
            ("GET", "/lists/{listId}/merge-fields"): self._merge_fields,
            ("POST", "/lists/{listId}/merge-fields"): self._add_merge_field,
        }

    def audience(self, ask: Ask) -> Audience:
        """The audience a call names. Raises Problem 404."""
        found = self._audiences.get(ask.values["listId"])
        if found is None:
            raise not_found()
        return found

    # --- audiences -----------------------------------------------------------------------------------

    def _lists(self, ask: Ask) -> Reply:
        answer = page(ask, "lists", [_list_resource(a) for a in self._audiences.values()])
        return 200, trimmed(answer, ask.query.get("fields", ""))

    def _list(self, ask: Ask) -> Reply:
        return 200, trimmed(_list_resource(self.audience(ask)), ask.query.get("fields", ""))

    def _merge_fields(self, ask: Ask) -> Reply:
        fields = list(self.audience(ask).merge_fields.values())
        if "required" in ask.query:
            fields = [field for field in fields if field["required"] == (ask.query["required"] == "true")]
        return 200, trimmed(page(ask, "merge_fields", fields), ask.query.get("fields", ""))

    def _add_merge_field(self, ask: Ask) -> Reply:
        known = self.audience(ask).merge_fields
        tag = str(ask.body.get("tag") or f"MMERGE{len(known) + 1}")
        if tag in known or len(tag) > 10:
            raise bad(f"A merge field with the tag {tag} exists, or the tag is longer than 10 characters.")
        known[tag] = {"merge_id": len(known) + 1, "required": False, **ask.body, "tag": tag}
        return 200, known[tag]

    # --- many members --------------------------------------------------------------------------------

    def _batch(self, ask: Ask) -> Reply:
        members = ask.body["members"]
        if len(members) > MOST_MEMBERS:
            raise bad(f"You may only add or update up to {MOST_MEMBERS} members at a time.")
        answer: dict[str, list[dict[str, Any]]] = {"new_members": [], "updated_members": [], "errors": []}
        seen: set[str] = set()
        for body in members:
            self._one_of_batch(ask, body, seen, answer)
        return 200, answer | {
            "total_created": len(answer["new_members"]),
            "total_updated": len(answer["updated_members"]),
            "error_count": len(answer["errors"]),
        }

    def _one_of_batch(
        self, ask: Ask, body: dict[str, Any], seen: set[str], answer: dict[str, list[dict[str, Any]]]
    ) -> None:
        audience, email = self.audience(ask), str(body.get("email_address", ""))
        update = ask.body.get("update_existing", False)
        skip = ask.query.get("skip_merge_validation") == "true"
        known = audience.members.get(hashed(email))
        try:
            if hashed(email) in seen:
                raise bad(f"{email} appears more than once in this request.")
            seen.add(hashed(email))
            if known is not None and known.status != "archived":
                if not update:
                    raise _exists(email)
                changed = audience.change(known, body, skip_merge=skip)
                answer["updated_members"].append(member_resource(audience, changed))
            elif "status" not in body:
                raise bad("The status is required for a new member.")
            else:
                made = audience.add(body, skip_merge=skip)
                answer["new_members"].append(member_resource(audience, made))
        except Problem as problem:
            answer["errors"].append(_batch_error(email, problem))

    def _members(self, ask: Ask) -> Reply:
        audience = self.audience(ask)
        count, offset = ask.number("count", 10, 1000), ask.number("offset", 0, 10**9)
        members = audience.by_change()
        if wanted := ask.query.get("status"):
            members = [member for member in members if member.status == wanted]
        elif not audience.lists_archived:
            members = [member for member in members if member.status != "archived"]
        if since := ask.query.get("since_last_changed"):
            instant = _instant(since)
            members = [member for member in members if member.last_changed > instant]
        if before := ask.query.get("before_last_changed"):
            instant = _instant(before)
            members = [member for member in members if member.last_changed < instant]
        if ask.query.get("sort_field") != "last_changed":
            members = sorted(members, key=lambda member: member.id)
        if ask.query.get("sort_dir") == "DESC":
            members = members[::-1]
        answer = {
            "members": [member_resource(audience, member) for member in members[offset : offset + count]],
            "list_id": audience.id,
            "total_items": len(members),
        }
        return 200, trimmed(answer, ask.query.get("fields", ""))

    # --- one member ----------------------------------------------------------------------------------

    def _found(self, ask: Ask) -> Member:
        key = ask.values["subscriberHash"]
        member = self.audience(ask).members.get(hashed(key) if "@" in key else key)
        if member is None:
            raise not_found()
        return member

    def _member(self, ask: Ask) -> Reply:
        resource = member_resource(self.audience(ask), self._found(ask))
        return 200, trimmed(resource, ask.query.get("fields", ""))

    def _add(self, ask: Ask) -> Reply:
        audience, email = self.audience(ask), ask.body["email_address"]
        known = audience.members.get(hashed(email))
        if known is not None and known.status != "archived":
            raise Problem(
                400,
                "Member Exists",
                f"{email} is already a list member. Use PUT to insert or update list members.",
            )
        made = audience.add(ask.body, skip_merge=ask.query.get("skip_merge_validation") == "true")
        return 200, member_resource(audience, made)

    def _put(self, ask: Ask) -> Reply:
        audience, body = self.audience(ask), dict(ask.body)
        if_new = body.pop("status_if_new")
        skip = ask.query.get("skip_merge_validation") == "true"
        key = ask.values["subscriberHash"]
        known = audience.members.get(hashed(key) if "@" in key else key)
        if known is None:
            if hashed(body["email_address"]) in audience.members:
                raise Problem(400, "Member Exists", f"{body['email_address']} is already a list member.")
            body["status"] = body.get("status", if_new)
            return 200, member_resource(audience, audience.add(body, skip_merge=skip))
        return 200, member_resource(audience, audience.change(known, body, skip_merge=skip))

    def _patch(self, ask: Ask) -> Reply:
        audience = self.audience(ask)
        skip = ask.query.get("skip_merge_validation") == "true"
        changed = audience.change(self._found(ask), ask.body, skip_merge=skip)
        return 200, member_resource(audience, changed)

    def _archive(self, ask: Ask) -> Reply:
        self.audience(ask).archive(self._found(ask))
        return 204, None

    def _forget(self, ask: Ask) -> Reply:
        self.audience(ask).admin_deletes_permanently(self._found(ask).email)
        return 204, None

    def _tags(self, ask: Ask) -> Reply:
        tags = [{"id": n, "name": name} for n, name in enumerate(sorted(self._found(ask).tags))]
        return 200, page(ask, "tags", tags)

    def _tag(self, ask: Ask) -> Reply:
        member = self._found(ask)
        for tag in ask.body["tags"]:
            (member.tags.add if tag["status"] == "active" else member.tags.discard)(tag["name"])
        return 204, None

    def _events(self, ask: Ask) -> Reply:
        return 200, page(ask, "events", self._found(ask).events)

    def _event(self, ask: Ask) -> Reply:
        if not 2 <= len(ask.body["name"]) <= 30:
            raise bad("The name of an event has 2 to 30 characters.")
        self._found(ask).events.append(ask.body)
        return 204, None


def _list_resource(audience: Audience) -> dict[str, Any]:
    statuses = [member.status for member in audience.members.values()]
    return {
        "id": audience.id,
        "name": audience.name,
        "double_optin": audience.double_optin,
        "stats": {
            "member_count": statuses.count("subscribed"),
            "unsubscribe_count": statuses.count("unsubscribed"),
            "cleaned_count": statuses.count("cleaned"),
            "total_contacts": len(statuses) - statuses.count("archived"),
            "merge_field_count": len(audience.merge_fields),
        },
    }


def member_resource(audience: Audience, member: Member) -> dict[str, Any]:
    """A member as the API shows them."""
    return {
        "id": member.id,
        "email_address": member.email,
        "unique_email_id": member.id[:10],
        "contact_id": member.contact_id,
        **shown(member),
        "email_type": "html",
        "status": member.status,
        "merge_fields": {tag: member.merge_fields.get(tag, "") for tag in audience.merge_fields},
        "language": member.language,
        "timestamp_opt": stamp(member.timestamp_opt),
        "timestamp_signup": stamp(member.timestamp_signup),
        "last_changed": stamp(member.last_changed),
        "source": member.source,
        "tags_count": len(member.tags),
        "tags": [{"id": n, "name": name} for n, name in enumerate(sorted(member.tags))],
        "list_id": audience.id,
    }


def _exists(email: str) -> Problem:
    return Problem(
        400,
        "ERROR_CONTACT_EXISTS",
        f"{email} is already a list member, do you want to update? please provide update_existing:true "
        "in the request body",
    )


def _batch_error(email: str, problem: Problem) -> dict[str, Any]:
    exists = problem.title == "ERROR_CONTACT_EXISTS"
    first = (problem.errors or [{}])[0]
    return {
        "email_address": email,
        "error": "Your merge fields were invalid." if problem.errors else problem.detail,
        "error_code": "ERROR_CONTACT_EXISTS" if exists else "ERROR_GENERIC",
        "field": first.get("field", ""),
        "field_message": first.get("message", ""),
    }


def _instant(text: str) -> datetime:
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        raise bad("A date is ISO 8601, such as 2026-01-31T09:00:00+00:00.") from None
    return value if value.tzinfo else value.replace(tzinfo=UTC)
