"""Where a cluster's miroir keeps what it coordinates: MIROIR_TEST_STORE, sqlite (default), postgres or
redis."""

import os
import subprocess
import sys
import uuid

STORE = os.environ.get("MIROIR_TEST_STORE", "sqlite")
POSTGRES = os.environ.get("MIROIR_TEST_POSTGRES")
REDIS = os.environ.get("MIROIR_TEST_REDIS")
SKIPPED = 77

if STORE == "postgres" and not POSTGRES:
    print("skipped: MIROIR_TEST_POSTGRES names no server (scripts/with-stores starts one)")
    sys.exit(SKIPPED)
if STORE == "redis" and not REDIS:
    print("skipped: MIROIR_TEST_REDIS names no server (scripts/with-stores starts one)")
    sys.exit(SKIPPED)


def new_store(folder, kind=STORE):
    """The URL of an empty store."""
    if kind == "sqlite":
        return f"sqlite://{folder}/miroir.db"
    if kind == "redis":
        return f"{REDIS}?prefix=test-{uuid.uuid4().hex}"
    schema = f"test_{uuid.uuid4().hex}"
    subprocess.run(["psql", "-qX", "-v", "ON_ERROR_STOP=1", POSTGRES, "-c", f"CREATE SCHEMA {schema}"], check=True)
    return f"{POSTGRES}?options=-csearch_path%3D{schema}"
