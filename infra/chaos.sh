#!/usr/bin/env bash
# Kills and cuts at random, for as long as it is told, what a distributed Alerts is made of, while it publishes; then checks that
# nothing was lost, nothing repeated that wasn't in doubt, and the books balance. The same seed draws the same faults in the same order.
#
#   infra/chaos.sh --minutes N --seed S     default: 10 minutes, a seed of its own
#
# It prints the seed, each fault with its time, and a summary. It exits with 0 when all is well, 1 when not, 2 for wrong use.
# What it needs is what infra/test.sh needs, and installs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

minutes=10
seed=$RANDOM
while (($# > 0)); do
  case "$1 ${2:-}" in
    "--minutes "[0-9]*) minutes=$2 ;;
    "--seed "[0-9]*) seed=$2 ;;
    *)
      echo "Usage: infra/chaos.sh [--minutes N] [--seed S]" >&2
      exit 2
      ;;
  esac
  shift 2
done

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 TESTINGPLATFORM_TELEMETRY_OPTOUT=1 MSBUILDDISABLENODEREUSE=1
export PATH="$PATH:/usr/sbin:/sbin" # Where Debian keeps servers.
export CHAOS_MINUTES=$minutes CHAOS_SEED=$seed
dotnet build tests/Chaos --verbosity quiet -consoleLoggerParameters:NoSummary

# Run as the program it is, and not by `dotnet test`, which keeps what it says to itself.
dotnet artifacts/bin/Chaos/debug/Alerts.Tests.Chaos.dll || exit 1
