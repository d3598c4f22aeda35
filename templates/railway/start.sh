#!/bin/sh
# Runs a process of the image on Railway, which has no files for settings and volumes that belong to root. The authority in
# DATABASE_CA (PEM) is trusted beside the usual ones: Bun reads such from a file only, when it starts. With
# RAILWAY_RUN_UID=0 the volume is given to the image's own user, and the process runs as that.
set -eu
if [ -n "${DATABASE_CA:-}" ]; then
  printf '%s\n' "$DATABASE_CA" >/tmp/database-ca.pem
  export NODE_EXTRA_CA_CERTS=/tmp/database-ca.pem
fi
user=${RUN_AS:-bun}
if [ "$(id -u)" = 0 ] && id "$user" >/dev/null 2>&1; then
  chown "$user" "${DATA_DIR:-/data}"
  exec setpriv --reuid="$user" --regid="$(id -g "$user")" --init-groups -- "$@"
fi
exec "$@"
