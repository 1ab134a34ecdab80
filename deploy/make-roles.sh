#!/bin/sh
# Run once by the database's image, when its volume is new: the owner of the tables, who is no
# superuser, and the role that the processes log in as. Passwords come from files of secrets.
set -eu
secrets=${SECRETS_DIR:-/run/secrets}
owner=$(cat "$secrets/database_owner_password")
login=$(cat "$secrets/database_login_password")
psql --no-psqlrc --set ON_ERROR_STOP=1 --username postgres \
     --set owner="$owner" --set login="$login" <<'SQL'
SET log_statement = 'none';
SET password_encryption = 'scram-sha-256';
CREATE ROLE desk_owner LOGIN CREATEROLE PASSWORD :'owner';
CREATE DATABASE laminator OWNER desk_owner;
-- By the owner, who may then let it act as the desk's roles.
SET ROLE desk_owner;
CREATE ROLE desk_login LOGIN NOINHERIT PASSWORD :'login';
SQL
