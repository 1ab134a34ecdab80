"""What the desk itself, its custodian or its settings got wrong: staff mend it, not the trader."""

DESK_ERRORS: dict[str, str] = {
    # The message as it was built, or as it came back, is not the act that was confirmed
    "message.foreign_signer": "The message asked for a signature that does not belong to it.",
    "message.instruction_count": "The message held more or less than what you confirmed.",
    "message.instruction_not_allowed": "The message held something that you did not confirm.",
    "message.lookup_table": "The message hid addresses in a table, which is never signed.",
    "message.memo_missing": "The message did not carry the desk's own mark.",
    "message.other_bytes_signed": "The custodian signed something else; it was thrown away.",
    "message.priority_fee_above_cap": "The priority fee was above its cap.",
    "message.signature_invalid": "The custodian's signature is not valid; it was thrown away.",
    "message.too_large": "The message was too large for the chain.",
    # The custodian of the wallets
    "custody.external_id_malformed": "The wallet's name at the custodian cannot be used.",
    "custody.key_malformed": "A key for the custodian cannot be read.",
    "custody.key_not_of_signer": "A key for the custodian belongs to another signer.",
    "custody.message_hash_differs": "The message was not the one that was to be signed.",
    "custody.not_a_signer": "The message does not ask for this wallet's signature.",
    "custody.not_authorized": "The custodian does not accept the desk's keys.",
    "custody.not_found": "The custodian does not know that.",
    "custody.owner_key_online": "The key that owns the wallets must not be on this machine.",
    "custody.quorum_unknown": "The custodian does not know one of the desk's parties.",
    "custody.setting_missing": "A setting for the custodian is missing.",
    "custody.signer_key_missing": "This process has no key for that signature.",
    "custody.signers_not_apart": "Trading and withdrawing share a signer, which must not be.",
    "custody.transaction_malformed": "The custodian was given something that is no transaction.",
    "custody.wallet_not_ours": "The wallet at the custodian is not bound to this desk.",
    "custody.wallet_unknown": "The custodian does not know the wallet.",
    "custody.wrong_signature": "The custodian signed with another key.",
    # Settings and our own books
    "chain.no_rpc": "The desk knows no node of the chain.",
    "order.gone": "The order has gone from the desk's books.",
    "redis.not_set": "The desk's short-term memory is not set up.",
    "registry.unknown_key": "A row names a part of the desk that is not set up.",
    "state.no_such_move": "It has moved on meanwhile, and cannot go that way.",
    "submission.already_under_way": "It is under way already.",
    "venue.unknown_deployment": "The desk does not know that venue.",
}
