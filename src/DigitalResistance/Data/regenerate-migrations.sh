#!/usr/bin/env bash
# Until 1.0 each context keeps one regenerated Initial migration per engine: run this after changing an entity.
set -eu
cd "$(dirname "$0")/../../.."
dotnet tool restore >/dev/null
folder=src/DigitalResistance/Data
rm -rf $folder/SqliteMoneyMigrations $folder/PostgresMoneyMigrations $folder/SqliteProbesMigrations $folder/PostgresProbesMigrations
dotnet build src/DigitalResistance -v q -nologo
for context in SqliteMoney PostgresMoney SqliteProbes PostgresProbes; do
  dotnet ef migrations add Initial --no-build --project src/DigitalResistance --startup-project src/DigitalResistance \
    --context ${context}Db --output-dir Data/${context}Migrations >/dev/null
  # The migration's time stamp is fixed, so that regenerating an unchanged model changes no file name.
  for file in $folder/${context}Migrations/*_Initial*.cs; do
    stamp=$(basename "$file" | cut -d_ -f1)
    sed -i "s/${stamp}_Initial/20180430000000_Initial/" "$file"
    mv "$file" "${file/${stamp}/20180430000000}"
  done
done
