#!/usr/bin/env bash
# Gradescope runs this once, as root, when it builds the container.
set -euo pipefail
cd /autograder/source
apt-get update && apt-get install -y bubblewrap python3 python3-venv
python3 -m venv /opt/uv && /opt/uv/bin/pip install uv
# A Python that the project supports, whatever the base image has, and where a submission's user
# can read it.
export UV_PYTHON_INSTALL_DIR=/opt/python
/opt/uv/bin/uv venv --managed-python --python 3.12 /opt/grader
/opt/uv/bin/uv pip install --python /opt/grader/bin/python \
  --torch-backend cpu -r requirements.txt -c constraints.txt
chmod 600 assignments/*.md arguments # solutions, hidden checks and the secret are for root
