# The service of examples/graph-to-kafka. For an app of your own see docs/docker.md.

FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json tsconfig.base.json ./
COPY packages/graph-simulator/package.json packages/graph-simulator/
COPY packages/tidings/package.json packages/tidings/
COPY examples/graph-to-kafka/package.json examples/graph-to-kafka/
RUN npm ci --ignore-scripts --include-workspace-root --workspace packages/graph-simulator --workspace packages/tidings --workspace examples/graph-to-kafka
COPY packages packages
COPY examples examples
RUN npm run build

FROM node:24-slim AS production
WORKDIR /app
COPY package.json package-lock.json ./
COPY packages/graph-simulator/package.json packages/graph-simulator/
COPY packages/tidings/package.json packages/tidings/
COPY examples/graph-to-kafka/package.json examples/graph-to-kafka/
RUN npm ci --ignore-scripts --omit=dev --workspace examples/graph-to-kafka

FROM node:24-slim
ENV NODE_ENV=production PORT=8080
WORKDIR /app
COPY --from=production /app ./
COPY packages/graph-simulator/bin packages/graph-simulator/bin
COPY packages/tidings/bin packages/tidings/bin
COPY --from=build /app/packages/graph-simulator/dist packages/graph-simulator/dist
COPY --from=build /app/packages/tidings/dist packages/tidings/dist
COPY --from=build /app/examples/graph-to-kafka/dist examples/graph-to-kafka/dist
# For a volume: the store refuses the container's own layer, which goes with the container.
RUN mkdir data && chown 1000:1000 data
# The image's `node`, by number: who insists on a user that is not root cannot look up names.
USER 1000:1000
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --start-period=10s CMD ["node", "--eval", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "node_modules/tidings/bin/tidings.js", "serve", "examples/graph-to-kafka/dist/app.js"]
