// A stand-in for the official image of Postgres, where no registry is: the embedded server's binaries behind the same
// variables, paths, users and start-up (first a server on the socket only, then the real one).
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { findBinaries } from "../../src/db/embedded/find-binaries.ts";
import { docker } from "./docker.ts";

const dockerfile = `
FROM oven/bun:1.4.5-slim
RUN userdel --remove bun && groupadd --gid 999 postgres && useradd --uid 999 --gid 999 --home-dir /var/lib/postgresql postgres
COPY native /usr/lib/postgresql
COPY docker-entrypoint.sh pg_isready /usr/local/bin/
RUN chmod 755 /usr/local/bin/docker-entrypoint.sh /usr/local/bin/pg_isready
RUN install -d -m 1777 -o postgres -g postgres /var/lib/postgresql && install -d -m 3777 -o postgres -g postgres /var/run/postgresql
ENV PGDATA=/var/lib/postgresql/18/docker PATH=/usr/lib/postgresql/bin:/usr/local/bin:/usr/bin:/bin
STOPSIGNAL SIGINT
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["postgres"]
`;

const entrypoint = `#!/bin/bash
set -euo pipefail
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  mkdir -p "$PGDATA" && chmod 700 "$PGDATA"
  initdb -D "$PGDATA" --username=postgres --pwfile="$POSTGRES_PASSWORD_FILE" -E UTF8 --locale=C.UTF-8 \${POSTGRES_INITDB_ARGS:-}
  echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
  echo "create database $POSTGRES_DB" | postgres --single -D "$PGDATA" postgres >/dev/null
  pg_ctl -D "$PGDATA" -o "-c listen_addresses='' -c unix_socket_directories=/var/run/postgresql" -w start
  sleep 3
  pg_ctl -D "$PGDATA" -m fast -w stop
fi
exec "$@" -c listen_addresses='*' -c unix_socket_directories=/var/run/postgresql
`;

const isReady = `#!/bin/bash
exec 3<>/dev/tcp/127.0.0.1/5432
`;

export async function buildPostgresImage(tag: string): Promise<void> {
  const context = await mkdtemp(join(tmpdir(), "federation-postgres-image-"));
  try {
    const { postgres } = await findBinaries();
    await cp(dirname(dirname(postgres)), join(context, "native"), {
      recursive: true,
      verbatimSymlinks: true,
    });
    await Bun.write(join(context, "Dockerfile"), dockerfile);
    await Bun.write(join(context, "docker-entrypoint.sh"), entrypoint);
    await Bun.write(join(context, "pg_isready"), isReady);
    await docker("build", "--quiet", "--tag", tag, context);
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}
