#!/bin/bash
# Runs once in an empty database: the two logins that may not do everything, and the extensions.
set -euo pipefail
psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" \
     -v app="$APP_PASSWORD" -v tiles="$TILES_PASSWORD" <<'SQL'
CREATE ROLE onemap_app LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD :'app';
CREATE ROLE onemap_tiles LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD :'tiles';
CREATE EXTENSION IF NOT EXISTS postgis;
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
SQL
