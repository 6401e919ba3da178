# The one image of every Airflow service. Any base with Python 3.11 to 3.13 and its venv module will do.
ARG BASE_IMAGE=python:3.12-slim@sha256:229a2c5bfa27522db7815ea81f9bed70af17ccb9de9fc7ad142b1877b5830d36
FROM ${BASE_IMAGE}

LABEL org.opencontainers.image.title="City Indicators" \
    org.opencontainers.image.description="Airflow pipeline that ingests, validates, loads and rates indicators of cities" \
    org.opencontainers.image.licenses="Apache-2.0"

# The pinned packages come before the project, so that a change of the project rebuilds in seconds.
# --no-deps: the file names every package, and an older pip may fail to find out what is in it already.
ARG REQUIREMENTS=requirements.txt
COPY ${REQUIREMENTS} /tmp/requirements.txt
RUN python3 -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --no-deps --require-hashes --requirement /tmp/requirements.txt \
    && /opt/venv/bin/pip check \
    && rm /tmp/requirements.txt

# A new named volume takes over the owner of the folder that it is mounted on.
RUN useradd --no-create-home --uid 50000 --home-dir /var/lib/airflow airflow \
    && install --directory --owner airflow \
        /var/lib/airflow /var/lib/airflow/logs \
        /var/lib/city_indicators/archive /var/lib/city_indicators/data_docs \
        /var/lib/city_indicators/inbox

ENV PATH=/opt/venv/bin:$PATH \
    PYTHONPATH=/opt/city_indicators/plugins \
    PYTHONUNBUFFERED=1 \
    GX_ANALYTICS_ENABLED=false \
    AIRFLOW_HOME=/var/lib/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/city_indicators/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/opt/city_indicators/plugins \
    AIRFLOW__CORE__LOAD_EXAMPLES=false

# Owned by root: a task cannot change the code that it runs.
COPY . /opt/city_indicators
# The services cannot write bytecode there, and would compile the project at every start.
RUN python -m compileall -q /opt/city_indicators

WORKDIR /opt/city_indicators
USER airflow
