#!/usr/bin/env bash
# Runs the simulation of digests in full: random years of readers, editors and machines against a plain model of what each reader must get (tests/Unit/Digests/Histories).
#
#   infra/histories.sh            1,000 histories of 10,000 steps by the rules alone, 50 of 1,000 through the service on SQLite, 5 on PostgreSQL
#   infra/histories.sh rules      only those by the rules; also: sqlite, postgres
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

export PATH="$PATH:/usr/sbin:/sbin" MSBUILDDISABLENODEREUSE=1
what=${1:-all}
if [[ ! $what =~ ^(all|rules|sqlite|postgres)$ || $# -gt 1 ]]; then
  echo "Usage: infra/histories.sh [rules|sqlite|postgres]" >&2
  exit 2
fi

run() {
  local project=$1 method=$2
  dotnet build "$project" --configuration Release --verbosity quiet -consoleLoggerParameters:NoSummary
  dotnet test --project "$project" --configuration Release --no-build --no-ansi --no-progress --output Detailed -- --filter-method "$method" | grep -vE '^(Running|Test run)'
}

if [[ $what =~ ^(all|rules)$ ]]; then
  HISTORIES_OF_RULES=1000 HISTORIES_OF_RULES_STEPS=10000 run tests/Unit '*HistoryTests.By_the_rules_alone*'
fi
if [[ $what =~ ^(all|sqlite)$ ]]; then
  HISTORIES_OF_SERVICE=50 HISTORIES_OF_SERVICE_STEPS=1000 run tests/Unit '*HistoryTests.Through_the_service*'
fi
if [[ $what =~ ^(all|postgres)$ ]]; then
  HISTORIES_ON_POSTGRES=5 HISTORIES_ON_POSTGRES_STEPS=1000 run tests/Integration '*DigestHistoryTests*'
fi
