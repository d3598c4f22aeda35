# The control plane: one image, the process is chosen by the command (see Procfile), or by COMMAND where a platform
# has no field for one.
#   web      bun src/server.ts
#   worker   bun jobs/worker.ts
#   release  bun src/cli/main.ts migrate
# No embedded Postgres inside: DATABASE_URL has to name a server. Writes to /data only, and to /tmp.
FROM node:24-slim AS dependencies
WORKDIR /app
ENV NODE_USE_SYSTEM_CA=1
# Where the registry is a mirror: --build-arg NPM_CONFIG_REGISTRY=https://…
ARG NPM_CONFIG_REGISTRY
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts
# `npm sbom --omit=dev` leaves out what tools need as well, such as zod: so the tools are taken from the list instead.
RUN npm pkg delete devDependencies optionalDependencies && npm sbom --sbom-format=cyclonedx >sbom.cdx.json

FROM oven/bun:1.4.5-slim
WORKDIR /app
ENV NODE_ENV=production FEDERATION_ENV=production HOST=0.0.0.0 PORT=3000 DATA_DIR=/data
# The places that volumes are mounted at: a new volume takes owner and mode from here.
RUN install -d -m 700 -o bun -g bun /data /logins/web /logins/worker /logins/admin \
  && install -d -m 3777 /run/postgresql \
  && printf '#!/bin/sh\nexec bun /app/src/cli/main.ts "$@"\n' >/usr/local/bin/fed \
  && chmod 755 /usr/local/bin/fed
COPY --from=dependencies /app/node_modules node_modules
COPY --from=dependencies /app/sbom.cdx.json ./
# Bun reads from tsconfig.json whose JSX it is.
COPY package.json tsconfig.json Procfile ./
COPY templates templates
COPY sql sql
COPY jobs jobs
COPY src src
USER bun
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["bun", "src/health-check.ts"]
CMD ["sh", "-c", "exec ${COMMAND:-bun src/server.ts}"]
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Federation" \
  org.opencontainers.image.description="Control plane: web, worker and release" \
  org.opencontainers.image.version="$VERSION" \
  org.opencontainers.image.revision="$REVISION"
