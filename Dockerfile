# syntax=docker/dockerfile:1
# Three images from one build: --target api, --target worker, --target migrate.

FROM node:20-bookworm-slim AS base
WORKDIR /app

# Only what decides which dependencies there are, so that a change of the code does not install them again.
FROM base AS manifests
COPY package.json package-lock.json .npmrc ./
COPY apps/api/package.json apps/api/
COPY apps/worker/package.json apps/worker/
COPY packages/connectors/package.json packages/connectors/
COPY packages/domain/package.json packages/domain/
COPY packages/engine/package.json packages/engine/
COPY packages/functions/package.json packages/functions/
COPY packages/language/package.json packages/language/
COPY packages/postgresql/package.json packages/postgresql/
COPY packages/shared/package.json packages/shared/
COPY packages/warehouses/package.json packages/warehouses/

FROM manifests AS build
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts
COPY . .
ENV TURBO_TELEMETRY_DISABLED=1 DO_NOT_TRACK=1
RUN npm run build
# What a process needs of each package and application.
RUN find apps packages -mindepth 2 -maxdepth 2 ! -name package.json ! -name dist ! -name lua ! -name threads -exec rm -rf {} +

# Without "optional" too: it would bring in the Prisma command line and its 250 MB, which no process uses.
FROM manifests AS production-dependencies
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --omit=optional --ignore-scripts

FROM base AS runtime
ENV NODE_ENV=production NODE_OPTIONS=--enable-source-maps
COPY --from=production-dependencies /app ./
# Where files go that cannot be read from the beginning to the end. Everything else belongs to root, so that a process cannot
# change its own code.
RUN install --directory --owner=node --mode=0700 /var/spool/penstock
ENV TMPDIR=/var/spool/penstock
USER node

FROM runtime AS migrate
COPY scripts/migrate.mjs scripts/paths.mjs scripts/
COPY scripts/migrations scripts/migrations
COPY prisma/migrations prisma/migrations
CMD ["node", "scripts/migrate.mjs"]

FROM runtime AS application
COPY --from=build /app/packages ./packages

FROM application AS worker
COPY --from=build /app/apps/worker ./apps/worker
# A worker listens on nothing. One that hangs loses its runs to the others by itself; one that dies ends its container.
HEALTHCHECK NONE
CMD ["node", "apps/worker/dist/main.js"]

# The last stage, so that it is what a build without a target makes.
FROM application AS api
COPY --from=build /app/apps/api ./apps/api
ENV HOST=0.0.0.0 PORT=8080
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/ready`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "apps/api/dist/main.js"]
