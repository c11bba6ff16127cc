#!/usr/bin/env bash
# Restores, builds, checks the format and runs all tests, with the real servers they need.
#
#   infra/test.sh         everything; as root on Debian it installs what is missing
#   infra/test.sh --unit  only builds and runs the tests that need no servers
#
# The last line is "N passed, N failed". It exits with 0 when nothing failed, 1 when something did, 2 when
# something it needs is missing. A skipped test counts as failed, unless its reason links to the issue that explains it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

unit_only=false
case "${1:-}" in
  "") ;;
  --unit) unit_only=true ;;
  *)
    echo "Usage: infra/test.sh [--unit]" >&2
    exit 2
    ;;
esac

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 TESTINGPLATFORM_TELEMETRY_OPTOUT=1
export PATH="$PATH:/usr/sbin:/sbin" # Where Debian keeps servers.
export MSBUILDDISABLENODEREUSE=1 # No build process outlives the script.

passed=0
failed=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

finish() {
  echo "$passed passed, $failed failed"
  ((failed == 0)) && exit 0 || exit 1
}

# phase NAME COMMAND…: says how long the command took; shows what it said only if it failed, which counts as one failed test.
phase() {
  local name=$1 start=$SECONDS
  shift
  if "$@" >"$log" 2>&1; then
    echo "$name: $((SECONDS - start)) s"
  else
    awk '!seen[$0]++' "$log" | head -100
    echo "$name failed after $((SECONDS - start)) s"
    failed=$((failed + 1))
    return 1
  fi
}

# Prints the Debian packages of what the tests need and isn't there.
missing_packages() {
  command -v setpriv >/dev/null || echo util-linux
  [[ -d /usr/share/zoneinfo ]] || echo tzdata
  [[ $(ldconfig -p) == *libicuuc* ]] || echo libicu-dev
  if ! $unit_only; then
    command -v rabbitmq-server >/dev/null || echo rabbitmq-server
    command -v smtp-sink >/dev/null || echo postfix
    command -v postgres >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || echo postgresql
    command -v dnsmasq >/dev/null || echo dnsmasq-base
    command -v node >/dev/null || echo nodejs
    command -v npm >/dev/null || echo npm
    [[ -n ${CHROMIUM:-} ]] || command -v chromium >/dev/null || echo chromium
  fi
}

# Installs Debian packages without letting any of them start a service.
install_packages() {
  local policy=/usr/sbin/policy-rc.d
  if [[ ! -e $policy ]]; then
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod +x $policy
    trap 'rm -f "$log" /usr/sbin/policy-rc.d' EXIT
  fi

  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes --no-install-recommends "$@"
}

require() {
  local packages
  packages=$(missing_packages | tr '\n' ' ')
  if [[ -n $packages ]]; then
    if ((EUID != 0)) || ! command -v apt-get >/dev/null; then
      echo "The tests need these Debian packages, or what matches them here: $packages" >&2
      exit 2
    fi

    # shellcheck disable=SC2086 # One word a package.
    phase "Install $packages" install_packages $packages || exit 2
  fi

  if ! command -v dotnet >/dev/null || (($(dotnet --version | cut -d. -f1) < 10)); then
    echo "The tests need the .NET SDK 10: https://dotnet.microsoft.com/download" >&2
    exit 2
  fi

  # RabbitMQ, a browser and a few hundred connections at a time.
  if (($(ulimit -Sn) < 8192)) && ! ulimit -Sn 8192 2>/dev/null; then
    echo "The tests need 8192 open files, and $(ulimit -Hn) are allowed: raise 'ulimit -n'." >&2
    exit 2
  fi
}

# Runs a project's tests and adds them to the sums.
run_tests() {
  local project=$1 start=$SECONDS code=0 ok bad unexplained
  timeout --kill-after=30 "${TEST_TIMEOUT:-30m}" \
    dotnet test --project "$project" --no-build --no-ansi --no-progress >"$log" 2>&1 || code=$?

  ok=$(sed -n 's/^ *succeeded: *//p' "$log")
  bad=$(sed -n 's/^ *failed: *\([0-9]*\)$/\1/p' "$log")
  unexplained=$(awk '/^skipped / { test = $0; getline; if (!/#[0-9]|https?:/) print test ":" $0 }' "$log")
  ok=${ok:-0}
  bad=${bad:-0}
  if ((code != 0 && bad == 0)); then
    bad=1 # No tests, a crash, or too late.
  fi
  if [[ -n $unexplained ]]; then
    bad=$((bad + $(wc -l <<<"$unexplained")))
  fi

  if ((bad > 0)); then
    grep -vE '^(Running tests from|Test run|  (total|succeeded|duration):)' "$log" | tail -400 || true
  fi
  if [[ -n $unexplained ]]; then
    printf 'Skipped, which counts as failed: %s\n' "$unexplained"
  fi
  passed=$((passed + ok))
  failed=$((failed + bad))
  echo "$project: $ok passed, $bad failed, $((SECONDS - start)) s"
}

is_test_project() { [[ $(dotnet msbuild "$1" -getProperty:IsTestProject) == true ]]; }

require
what=Alerts.sln
if $unit_only; then
  what=tests/Unit
fi

phase "Restore" dotnet restore "$what" --locked-mode || finish
# One compiler for all projects, ended right after: a compiler each takes half as long again.
phase "Build" dotnet build "$what" --configuration Debug --no-restore --verbosity quiet -consoleLoggerParameters:NoSummary -p:UseSharedCompilation=true || finish
dotnet build-server shutdown --vbcscompiler >/dev/null
if $unit_only; then
  run_tests tests/Unit
  finish
fi

# The verifiers of signatures and calendars; the verify.mjs of tests/Integration/Dkim and tests/Integration/Calendar use them.
phase "Verifiers" npm ci --prefix tests/Integration --ignore-scripts --no-audit --no-fund || true # Counted.
# Style and analyzers were the build's: their warnings are its errors.
phase "Format" dotnet format whitespace "$what" --verify-no-changes --no-restore || true # Counted; the tests run all the same.
for project in tests/*/*.csproj; do
  if is_test_project "$project"; then
    run_tests "${project%/*}"
  fi
done
finish
