-- Gives the waiting entries the next places. An entry that becomes visible later gets a later place, whatever its id: commit order is
-- not sequence order. Runs after the head's version was raised in the same transaction, so two sealers never run it at once.
-- The plus keeps SQLite from looking among all waiting entries for each claimed one; it finds them by id.
UPDATE ledger_entries SET "index" = {0} + claimed.place
FROM (
    SELECT id, ROW_NUMBER() OVER (ORDER BY id) - 1 AS place
    FROM (SELECT id FROM ledger_entries WHERE "index" IS NULL ORDER BY id LIMIT {1}) AS waiting
) AS claimed
WHERE ledger_entries.id = claimed.id AND +ledger_entries."index" IS NULL
