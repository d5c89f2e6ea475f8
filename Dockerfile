# syntax=docker/dockerfile:1
FROM python:3.11-slim-bookworm AS build
WORKDIR /service
COPY requirements.txt ./
RUN python -m venv /opt/venv \
 && /opt/venv/bin/pip install --no-cache-dir --require-hashes -r requirements.txt
COPY pyproject.toml README.md alembic.ini ./
COPY app app
COPY migrations migrations
RUN /opt/venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation -e .

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/banggiao banggiao
COPY --from=build /opt/venv /opt/venv
COPY --from=build /service /service
WORKDIR /service
USER 10001
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    BANGGIAO_HOST=0.0.0.0 \
    BANGGIAO_DATA_DIRECTORY=/var/lib/banggiao
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ.get(\"PORT\", 8000)}/health/live', timeout=2)"]
CMD ["banggiao", "serve"]
