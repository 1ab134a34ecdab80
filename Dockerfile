# One image, run as each of the desk's processes; compose.yaml says which.
# syntax=docker/dockerfile:1
FROM python:3.12-slim-bookworm AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
COPY requirements-image.txt /
RUN python -m venv /desk \
 && /desk/bin/pip install --no-deps --require-hashes --only-binary :all: -r /requirements-image.txt

FROM python:3.12-slim-bookworm
# A user that owns nothing but what the desk writes.
RUN groupadd --gid 10001 desk \
 && useradd --uid 10001 --gid desk --no-create-home --home-dir /nonexistent desk \
 && install --directory --owner desk --group desk --mode 0700 \
      /var/lib/laminator /var/lib/laminator/run /var/lib/laminator/run/metrics
COPY --from=packages /desk /desk
COPY . /laminator
# Bytecode is written now: the file system is read-only later.
RUN /desk/bin/python -m compileall -q /laminator
ENV PATH=/desk/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=laminator.settings \
    VAR_DIR=/var/lib/laminator \
    PROMETHEUS_MULTIPROC_DIR=/var/lib/laminator/run/metrics \
    LAMINATOR_HOST=0.0.0.0 \
    MPLCONFIGDIR=/tmp/matplotlib
WORKDIR /laminator
USER desk
EXPOSE 8000
CMD ["python", "manage.py", "help"]
