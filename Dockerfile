FROM debian:12.11-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends \
    ca-certificates clang-16 cmake lld-16 ninja-build pkg-config \
    libbrotli-dev libboost-url1.81-dev libboost1.81-dev libcli11-dev libgmock-dev libgtest-dev libicu-dev \
    libhiredis-dev libjemalloc-dev libpqxx-dev libsimdjson-dev libsodium-dev libsqlite3-dev libssl-dev libxxhash-dev \
    libyaml-cpp-dev nlohmann-json3-dev prometheus-cpp-dev python3 zlib1g-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
RUN cmake --preset release -B /build -Wno-dev -DCMAKE_CXX_COMPILER_LAUNCHER= -DMIROIR_BENCH=OFF \
    && cmake --build /build --target miroir \
    && mkdir -p /root-of-image/usr/lib/miroir /root-of-image/data \
    && install -s -D /build/src/miroir /root-of-image/usr/bin/miroir \
    && ldd /build/src/miroir | awk '$3 ~ /^\// {print $3}' \
       | grep -v -E '/(libc|libm|libdl|librt|libresolv|libpthread|ld-linux[^/]*)\.so' \
       | xargs -I{} cp -L {} /root-of-image/usr/lib/miroir/

FROM busybox:1.36.1-musl AS busybox

FROM gcr.io/distroless/base-debian12:nonroot
COPY --from=build --chown=nonroot:nonroot /root-of-image/ /
# The health check has no shell and no curl to use.
COPY --from=busybox /bin/busybox /usr/bin/wget
ENV LD_LIBRARY_PATH=/usr/lib/miroir \
    MIROIR_SERVER_ADDRESS=0.0.0.0 \
    MIROIR_METRICS_ADDRESS=0.0.0.0 \
    MIROIR_COORDINATION_URL=sqlite:///data/miroir.db
VOLUME /data
WORKDIR /data
EXPOSE 7700 9090
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
    CMD ["/usr/bin/wget", "-q", "-O", "/dev/null", "http://127.0.0.1:7700/health"]
ENTRYPOINT ["/usr/bin/miroir"]
CMD ["serve"]
