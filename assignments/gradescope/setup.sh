#!/usr/bin/env bash
# Gradescope runs this once, as root, when it builds the container.
set -euo pipefail
cd /autograder/source
apt-get update && apt-get install -y bubblewrap python3 python3-venv
python3 -m venv /opt/grader # where a submission's user can read it
/opt/grader/bin/pip install -r requirements.txt
chmod 600 assignments/*.md # solutions and hidden checks are for root
