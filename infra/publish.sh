#!/usr/bin/env bash
# Builds what is run in earnest: compiled ahead of time, so that the first mails leave as fast as the later ones.
#
#   infra/publish.sh FOLDER [linux-x64|linux-arm64]     then: FOLDER/alerts
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

folder=${1:-}
runtime=${2:-linux-$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')}
if [[ -z $folder || $# -gt 2 ]]; then
  echo "Usage: infra/publish.sh FOLDER [linux-x64|linux-arm64]" >&2
  exit 2
fi

dotnet publish services/App --configuration Release --runtime "$runtime" --self-contained false -p:PublishReadyToRun=true --output "$folder" --verbosity quiet -consoleLoggerParameters:NoSummary
