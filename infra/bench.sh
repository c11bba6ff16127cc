#!/usr/bin/env bash
# Measures the product against the limit of SMTP on this machine, in one go; docs/performance.md says what each number is.
#
#   infra/bench.sh                 everything; an hour or two
#   infra/bench.sh limit apart     only these, of: limit apart signed embedded urgent notices memory two audience audience-embedded editor editor-embedded digests digests-many digests-embedded
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

export PATH="$PATH:/usr/sbin:/sbin" # Where Debian keeps servers.
ulimit -Sn 8192
dotnet build tests/Benchmarks --configuration Release --verbosity quiet -consoleLoggerParameters:NoSummary
exec artifacts/bin/Benchmarks/release/Alerts.Benchmarks "$@"
