# Build and run, in a clone of the repository:
#
#   docker build -t alarmbridge .
#   docker run -d --restart unless-stopped -p 127.0.0.1:8480:8480 -e ALARMBRIDGE_API__LISTEN=0.0.0.0:8480 \
#     -v alarmbridge:/var/lib/alarmbridge -v ./etc:/etc/alarmbridge:ro alarmbridge
#
# ./etc has alarmbridge.yaml and the files of secrets that it names; user 10001 must be able to read them.
# A container's loopback cannot be published, so it has to listen on all addresses, and nothing listens
# there without a token:
#
#   api: {tokens: [{name: noc, role: operator, token_file: noc.token}]}
FROM python:3.13-slim AS build
WORKDIR /src
COPY . .
RUN python -m venv /opt/alarmbridge && /opt/alarmbridge/bin/pip install --no-cache-dir .

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/alarmbridge --create-home alarmbridge
COPY --from=build /opt/alarmbridge /opt/alarmbridge
ENV PATH=/opt/alarmbridge/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    ALARMBRIDGE_DATABASE__URL=sqlite:////var/lib/alarmbridge/alarmbridge.db
USER alarmbridge
WORKDIR /var/lib/alarmbridge
VOLUME /var/lib/alarmbridge
# It asks port 8480 on the container's own loopback: leave api.listen that port, and publish any other.
HEALTHCHECK --interval=30s --timeout=5s CMD \
    ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8480/readyz')"]
ENTRYPOINT ["alarmbridge"]
CMD ["run", "--config", "/etc/alarmbridge/alarmbridge.yaml"]
