# One file, three images: `app` (every service), `migrate` (runs once before them), `nginx` (the front
# with the web app). The bases are pinned; a mirror of them goes in by --build-arg.
ARG NODE_IMAGE=node:24.21.0-bookworm-slim
ARG NGINX_IMAGE=nginx:1.30.4-alpine-slim

# ── pnpm, in the version that package.json names ─────────────────────────────────────────────────────
FROM ${NODE_IMAGE} AS pnpm
ENV CI=true
WORKDIR /app
COPY package.json ./
RUN npm install --global --no-audit --no-fund "$(node -p "require('./package.json').packageManager.split('+')[0]")"

# ── What is installed depends on these files alone, so a change of a source installs nothing again ───
FROM pnpm AS manifests
COPY . /sources
RUN mkdir /manifests && cd /sources \
  && find . -name package.json -o -name pnpm-lock.yaml -o -name pnpm-workspace.yaml \
  | while read -r file; do mkdir -p "/manifests/$(dirname "$file")" && cp "$file" "/manifests/$file"; done

# ── Builds what is generated: the database client and the web app ────────────────────────────────────
FROM pnpm AS build
COPY --from=manifests /manifests ./
RUN pnpm install --frozen-lockfile --filter @spindle/web... --filter @spindle/prisma...
COPY . .
# Generating needs no schema engine, but looks for one; any program will do.
RUN PRISMA_SCHEMA_ENGINE_BINARY=/bin/true CHECKPOINT_DISABLE=1 \
    node prisma/node_modules/prisma/build/index.js generate --schema prisma/schema.prisma \
  && cd services/web && node node_modules/vite/bin/vite.js build \
  && find dist -type f \( -name '*.js' -o -name '*.css' -o -name '*.svg' -o -name '*.html' \) -exec gzip -9 -k {} +

# ── What the services need to run, and nothing else ──────────────────────────────────────────────────
FROM pnpm AS production
COPY --from=manifests /manifests ./
RUN pnpm install --prod --frozen-lockfile \
    --filter-prod "{./services/*}..." --filter-prod "!@spindle/web" \
    --filter-prod @spindle/prisma... --filter-prod @spindle/backup... --filter-prod @spindle/secrets... --filter-prod @spindle/spotify-sandbox...

FROM ${NODE_IMAGE} AS app
ENV NODE_ENV=production
WORKDIR /app
COPY --from=production /app ./
COPY prisma ./prisma
COPY packages ./packages
COPY services ./services
COPY --from=build /app/packages/db/src/generated ./packages/db/src/generated
USER node
# The services are started by their path: node services/<name>/src/main.ts
CMD ["node", "services/gateway/src/main.ts"]

FROM app AS migrate
CMD ["node", "prisma/apply.ts"]

FROM ${NGINX_IMAGE} AS nginx
COPY nginx/render.sh nginx/entrypoint.sh /opt/spindle/nginx/
COPY nginx/conf /opt/spindle/nginx/conf
COPY --from=build /app/services/web/dist /usr/share/spindle/web
# Volumes that are mounted here begin as nginx's own.
RUN mkdir -p /etc/spindle/tls /var/www/acme && chown nginx:nginx /etc/spindle/tls /var/www/acme
USER nginx
EXPOSE 8080 8443
STOPSIGNAL SIGQUIT
ENTRYPOINT ["/opt/spindle/nginx/entrypoint.sh"]
