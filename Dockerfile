# The control plane: one image, the process is chosen by the command (see Procfile).
#   web      bun src/server.ts
#   worker   bun jobs/worker.ts
#   release  bun src/cli/main.ts migrate
# No embedded Postgres inside: DATABASE_URL has to name a server.
FROM oven/bun:1.4.5-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN bun install --production --omit=optional --ignore-scripts --no-save

FROM oven/bun:1.4.5-slim
WORKDIR /app
ENV NODE_ENV=production FEDERATION_ENV=production HOST=0.0.0.0 PORT=3000 DATA_DIR=/data
RUN mkdir /data && chown bun:bun /data
COPY --from=dependencies /app/node_modules node_modules
COPY package.json Procfile ./
COPY src src
COPY jobs jobs
COPY sql sql
COPY templates templates
USER bun
VOLUME /data
EXPOSE 3000
CMD ["bun", "src/server.ts"]
