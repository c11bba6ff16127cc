#!/usr/bin/env bash
# Adds an EF migration to both databases (SQLite and PostgreSQL) of each service whose model has
# changed since its last migration.
#
#   infra/add-migration.sh NAME             every service with changes
#   infra/add-migration.sh NAME Publishing  only services/Publishing
#
# A service's contexts are named Sqlite…Db and Postgres…Db, and each has a design-time factory beside it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

name=${1:-}
service=${2:-}
if [[ ! $name =~ ^[A-Z][A-Za-z0-9]*$ || $# -gt 2 ]]; then
  echo "Usage: infra/add-migration.sh NAME [SERVICE]   (NAME in PascalCase, such as AddPlaceToEvent)" >&2
  exit 2
fi
if [[ -n $service && ! -d services/$service ]]; then
  echo "There is no services/$service." >&2
  exit 2
fi

# Prints the names of a project's contexts for a provider (Sqlite or Postgres).
contexts() { grep -rhoP --include='*.cs' "\bclass \K$2\w+Db\b" "$1" | sort -u || true; }

# Whether a context's model differs from its last migration; stops the script when EF can't tell.
has_changes() {
  local answer
  if answer=$(dotnet ef migrations has-pending-model-changes --no-build --project "$1" --startup-project "$1" --context "$2" 2>&1); then
    return 1
  fi
  if [[ $answer != *"Changes have been made to the model"* ]]; then
    echo "$answer" >&2
    exit 1
  fi
}

dotnet tool restore >/dev/null
added=0
for project in services/${service:-*}; do
  if [[ -z $(contexts "$project" Sqlite)$(contexts "$project" Postgres) ]]; then
    continue
  fi

  dotnet build "$project" --nologo --verbosity quiet -consoleLoggerParameters:NoSummary
  for provider in Sqlite Postgres; do
    for context in $(contexts "$project" "$provider"); do
      if has_changes "$project" "$context"; then
        echo "$project: adding $name to $context"
        dotnet ef migrations add "$name" --no-build --project "$project" --startup-project "$project" \
          --context "$context" --output-dir "Migrations/$provider"
        added=$((added + 1))
      fi
    done
  done
done

if ((added == 0)); then
  echo "No model has changed since its last migration."
fi
