"""Users: made with their linked accounts, found by id or Telegram id."""

from typing import Any

from sandbox.privy.errors import PrivyError, invalid_data, not_found
from sandbox.privy.exchange import Answer, Exchange
from sandbox.privy.store import Record
from sandbox.privy.wallets import PAGE, new_wallet, page_of

CREATIONS_PER_MINUTE = 240
TELEGRAM_FIELDS = ("telegram_user_id", "username", "first_name", "last_name", "photo_url")


def create_user(exchange: Exchange) -> Answer:
    """POST /v1/users"""
    body = exchange.only("linked_accounts", "wallets", "custom_metadata")
    _require_under_rate_limit(exchange)
    accounts = body.get("linked_accounts")
    if not isinstance(accounts, list) or not accounts:
        raise invalid_data("`linked_accounts` must be a list of at least one account")

    def perform() -> Answer:
        now = exchange.store.now_seconds()
        linked = [_linked_account(exchange, account, now) for account in accounts]
        user: Record = {
            "id": f"did:privy:c{exchange.store.new_id()}",
            "created_at": now,
            "linked_accounts": linked,
            "mfa_methods": [],
            "has_accepted_terms": False,
            "is_guest": False,
            "custom_metadata": body.get("custom_metadata", {}),
        }
        exchange.store.users[user["id"]] = user
        for wanted in body.get("wallets", []):
            new_wallet(exchange, {**wanted, "owner": {"user_id": user["id"]}})
        return 200, user

    return exchange.once(perform)


def get_user(exchange: Exchange) -> Answer:
    """GET /v1/users/{user_id}"""
    return 200, _user(exchange)


def list_users(exchange: Exchange) -> Answer:
    """GET /v1/users"""
    return 200, page_of(exchange, list(exchange.store.users.values()))


def get_user_by_telegram_id(exchange: Exchange) -> Answer:
    """POST /v1/users/telegram/telegram_user_id"""
    wanted = exchange.only("telegram_user_id").get("telegram_user_id")
    if not isinstance(wanted, str):
        raise invalid_data("`telegram_user_id` must be a string")
    user = next(exchange.store.users_with("telegram", "telegram_user_id", wanted), None)
    if user is None:
        raise not_found("User")
    return 200, user


def search_users(exchange: Exchange) -> Answer:
    """POST /v1/users/search, by a part of an account's text"""
    term = exchange.only("search_term", "searchTerm")
    wanted = str(term.get("search_term") or term.get("searchTerm") or "")
    found = [
        user
        for user in exchange.store.users.values()
        if wanted
        and any(
            wanted in str(value)
            for account in user["linked_accounts"]
            for value in account.values()
        )
    ]
    return 200, {"data": found[:PAGE], "next_cursor": None}


def create_user_wallets(exchange: Exchange) -> Answer:
    """POST /v1/users/{user_id}/wallets"""
    user = _user(exchange)
    wanted = exchange.only("wallets").get("wallets")
    if not isinstance(wanted, list) or not wanted:
        raise invalid_data("`wallets` must be a list of at least one wallet")

    def perform() -> Answer:
        for each in wanted:
            new_wallet(exchange, {**each, "owner": {"user_id": user["id"]}})
        return 200, user

    return exchange.once(perform)


def _user(exchange: Exchange) -> Record:
    user = exchange.store.users.get(exchange.request.match_info["user_id"])
    if user is None:
        raise not_found("User")
    return user


def _linked_account(exchange: Exchange, account: Any, now: int) -> Record:
    if not isinstance(account, dict) or account.get("type") != "telegram":
        raise invalid_data("The stand-in links accounts of the type telegram only")
    unknown = sorted(set(account) - {"type", *TELEGRAM_FIELDS})
    if unknown:
        raise invalid_data(f"Unrecognized keys in linked account: {', '.join(unknown)}")
    telegram_id = account.get("telegram_user_id")
    if not isinstance(telegram_id, str) or not telegram_id.isdecimal():
        raise invalid_data("`telegram_user_id` must be a string of digits")
    if next(exchange.store.users_with("telegram", "telegram_user_id", telegram_id), None):
        raise PrivyError(422, "input_conflict", "The linked account belongs to another user")
    return {
        "type": "telegram",
        **{field: account.get(field) for field in TELEGRAM_FIELDS},
        "verified_at": now,
        "first_verified_at": now,
        "latest_verified_at": now,
    }


def _require_under_rate_limit(exchange: Exchange) -> None:
    store = exchange.store
    now = store.now_seconds()
    store.user_creations = [at for at in store.user_creations if at > now - 60]
    if len(store.user_creations) >= CREATIONS_PER_MINUTE:
        raise PrivyError(429, "too_many_requests", "Too many requests")
    store.user_creations.append(now)
