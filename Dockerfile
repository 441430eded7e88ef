# docker build -t alarmbridge .
# docker run -v alarmbridge:/var/lib/alarmbridge -v ./alarmbridge.yaml:/etc/alarmbridge/alarmbridge.yaml:ro alarmbridge
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
# Inside the container the probes are on loopback; publishing the port needs api.listen and tokens.
HEALTHCHECK --interval=30s --timeout=5s CMD \
    ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8480/readyz')"]
ENTRYPOINT ["alarmbridge"]
CMD ["run", "--config", "/etc/alarmbridge/alarmbridge.yaml"]
