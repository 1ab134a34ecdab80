#!/bin/sh
# Make what nobody has to choose, in deploy/secrets/, and leave what is there as it is. The folder
# is closed to others; its files are not, for a container reads its own by another user's number.
# What others give (Telegram, Privy, nodes) is named at the end: write each into its file.
set -eu
cd "$(dirname "$0")"
umask 077
mkdir -p secrets
random() { head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n'; }
write() { [ -s "secrets/$1" ] || { rm -f "secrets/$1" && printf '%s' "$2" >"secrets/$1"; }; }

for name in postgres_password database_owner_password database_login_password redis_password \
            secret_key audit_signing_key encryption_keys; do
    write "$name" "$(random)"
done
owner=$(cat secrets/database_owner_password)
login=$(cat secrets/database_login_password)
redis=$(cat secrets/redis_password)
write database_owner_url "postgresql://desk_owner:$owner@postgres:5432/laminator"
write database_url "postgresql://desk_login:$login@postgres:5432/laminator"
write redis_url "redis://:$redis@redis:6379/0"

for name in telegram_bot_token privy_app_secret privy_trading_signer_key \
            privy_withdraw_signer_key solana_rpc_urls; do
    [ -s "secrets/$name" ] || { touch "secrets/$name"; echo "to be written by you: deploy/secrets/$name"; }
done
chmod 0444 secrets/*
