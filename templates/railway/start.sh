#!/bin/sh
# Runs a process of the image with the authority of DATABASE_CA (PEM) trusted, beside the usual ones. Railway has no files
# for this, and Bun reads them from a file only, when it starts.
set -eu
if [ -n "${DATABASE_CA:-}" ]; then
  printf '%s\n' "$DATABASE_CA" >/tmp/database-ca.pem
  export NODE_EXTRA_CA_CERTS=/tmp/database-ca.pem
fi
exec "$@"
