# One image for web server, workers and beat, and one for the proxy, which serves static pages when they are down.
#   docker build --target app -t sameboat .
#   docker build --target proxy -t sameboat-proxy .
#
# The app image contains Debian's ffmpeg and PyAV with x264, which are under the GPL; its terms apply if you distribute
# the image.

FROM node:22-slim AS pages
WORKDIR /pages
COPY web/package.json web/package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM python:3.11-slim AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy
COPY config/requirements/installer.txt config/requirements/run.txt /requirements/
RUN python -m venv /installer \
    && /installer/bin/pip install --no-cache-dir --require-hashes -r /requirements/installer.txt \
    && python -m venv --without-pip /venv \
    && /installer/bin/uv pip sync --no-cache --python /venv/bin/python --require-hashes --compile-bytecode \
        /requirements/run.txt

FROM python:3.11-slim AS app
RUN apt-get update \
    && apt-get install -y --no-install-recommends bubblewrap ffmpeg tini util-linux \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin sameboat \
    && install -d -o sameboat -g sameboat /var/lib/sameboat
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=config.settings \
    SAMEBOAT_VAR=/var/lib/sameboat \
    SAMEBOAT_FFMPEG=/usr/bin/ffmpeg \
    SAMEBOAT_BWRAP=/usr/bin/bwrap
WORKDIR /srv/sameboat
COPY --from=packages /venv /venv
COPY --from=pages /pages/node_modules web/node_modules
COPY . .
USER sameboat
# Collecting static files needs valid settings; these values are used nowhere else and do not stay in the image.
RUN SAMEBOAT_SECRET_KEY=build SAMEBOAT_DATABASE_URL=postgresql://build@localhost/build \
    SAMEBOAT_REDIS_URL=redis://localhost SAMEBOAT_S3_ENDPOINT=http://localhost \
    SAMEBOAT_S3_ACCESS_KEY=build SAMEBOAT_S3_SECRET_KEY=build \
    sh -c 'python manage.py collect_static_if_changed && python manage.py write_static_pages'
EXPOSE 8000
# tini reaps orphaned child processes of ffmpeg and the sandbox, and forwards signals.
ENTRYPOINT ["tini", "--"]
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--no-ws", "--workers", "2", \
     "--blocking-threads", "12", "--respawn-failed-workers", "--workers-kill-timeout", "10s", \
     "--log-level", "warning", "config.wsgi:application"]

FROM caddy:2.10-alpine AS proxy
COPY config/deploy/Caddyfile /etc/caddy/Caddyfile
COPY --from=app /var/lib/sameboat/static /srv/static
