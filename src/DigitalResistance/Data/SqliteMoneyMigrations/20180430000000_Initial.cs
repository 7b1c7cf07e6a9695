using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

#pragma warning disable CA1814 // Prefer jagged arrays over multidimensional

namespace DigitalResistance.Data.SqliteMoneyMigrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "account_returns",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    digest = table.Column<byte[]>(type: "BLOB", nullable: false),
                    reference = table.Column<string>(type: "TEXT", maxLength: 9, nullable: false),
                    account_id = table.Column<Guid>(type: "TEXT", nullable: true),
                    asked_at = table.Column<long>(type: "INTEGER", nullable: false),
                    agreed_at = table.Column<long>(type: "INTEGER", nullable: true),
                    ended_at = table.Column<long>(type: "INTEGER", nullable: true),
                    ending = table.Column<string>(type: "TEXT", maxLength: 40, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_account_returns", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "accounts",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    totp_secret = table.Column<byte[]>(type: "BLOB", nullable: true),
                    totp_step = table.Column<long>(type: "INTEGER", nullable: false),
                    returned_at = table.Column<long>(type: "INTEGER", nullable: true),
                    user_name = table.Column<string>(type: "TEXT", maxLength: 256, nullable: true),
                    normalized_user_name = table.Column<string>(type: "TEXT", maxLength: 256, nullable: true),
                    password_hash = table.Column<string>(type: "TEXT", nullable: true),
                    security_stamp = table.Column<string>(type: "TEXT", nullable: true),
                    concurrency_stamp = table.Column<string>(type: "TEXT", nullable: true),
                    two_factor_enabled = table.Column<bool>(type: "INTEGER", nullable: false),
                    lockout_end = table.Column<long>(type: "INTEGER", nullable: true),
                    lockout_enabled = table.Column<bool>(type: "INTEGER", nullable: false),
                    access_failed_count = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_accounts", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "admin_key_motions",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    kind = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    account_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    public_key = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    fingerprint = table.Column<string>(type: "TEXT", maxLength: 60, nullable: false),
                    proposed_at = table.Column<long>(type: "INTEGER", nullable: false),
                    version = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_admin_key_motions", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "admin_keys",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    account_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    public_key = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    fingerprint = table.Column<string>(type: "TEXT", maxLength: 60, nullable: false),
                    added_at = table.Column<long>(type: "INTEGER", nullable: false),
                    revoked_at = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_admin_keys", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "budgets",
                columns: table => new
                {
                    name = table.Column<string>(type: "TEXT", maxLength: 60, nullable: false),
                    thousandths = table.Column<long>(type: "INTEGER", nullable: false),
                    counted_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_budgets", x => x.name);
                });

            migrationBuilder.CreateTable(
                name: "ceremonies",
                columns: table => new
                {
                    id = table.Column<int>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    script = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    threshold = table.Column<int>(type: "INTEGER", nullable: false),
                    size = table.Column<int>(type: "INTEGER", nullable: false),
                    start_height = table.Column<int>(type: "INTEGER", nullable: true),
                    begun_by = table.Column<Guid>(type: "TEXT", nullable: false),
                    begun_at = table.Column<long>(type: "INTEGER", nullable: false),
                    end = table.Column<string>(type: "TEXT", maxLength: 40, nullable: true),
                    ended_at = table.Column<long>(type: "INTEGER", nullable: true),
                    is_live = table.Column<bool>(type: "INTEGER", nullable: false),
                    version = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_ceremonies", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "chain_blocks",
                columns: table => new
                {
                    height = table.Column<int>(type: "INTEGER", nullable: false),
                    hash = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    previous = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_chain_blocks", x => x.height);
                    table.UniqueConstraint("ak_chain_blocks_hash", x => x.hash);
                    table.ForeignKey(
                        name: "fk_chain_blocks_chain_blocks_previous",
                        column: x => x.previous,
                        principalTable: "chain_blocks",
                        principalColumn: "hash");
                });

            migrationBuilder.CreateTable(
                name: "credit_expiries",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    account_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    amount = table.Column<long>(type: "INTEGER", nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_credit_expiries", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "data_protection_keys",
                columns: table => new
                {
                    id = table.Column<int>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    friendly_name = table.Column<string>(type: "TEXT", nullable: true),
                    xml = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_data_protection_keys", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "foreign_spends",
                columns: table => new
                {
                    txid = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    height = table.Column<int>(type: "INTEGER", nullable: false),
                    spent = table.Column<long>(type: "INTEGER", nullable: false),
                    returned = table.Column<long>(type: "INTEGER", nullable: false),
                    reason = table.Column<string>(type: "TEXT", maxLength: 40, nullable: true),
                    is_booked = table.Column<bool>(type: "INTEGER", nullable: false),
                    version = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_foreign_spends", x => x.txid);
                });

            migrationBuilder.CreateTable(
                name: "idempotency",
                columns: table => new
                {
                    id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    request_hash = table.Column<byte[]>(type: "BLOB", nullable: false),
                    answer = table.Column<byte[]>(type: "BLOB", nullable: true),
                    claimed_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_idempotency", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "invitations",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    digest = table.Column<byte[]>(type: "BLOB", nullable: false),
                    role = table.Column<string>(type: "TEXT", maxLength: 20, nullable: false),
                    purpose = table.Column<string>(type: "TEXT", maxLength: 40, nullable: true),
                    created_by = table.Column<Guid>(type: "TEXT", nullable: true),
                    expires_at = table.Column<long>(type: "INTEGER", nullable: false),
                    used_at = table.Column<long>(type: "INTEGER", nullable: true),
                    used_by = table.Column<Guid>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_invitations", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "ledger_checkpoints",
                columns: table => new
                {
                    size = table.Column<long>(type: "INTEGER", nullable: false),
                    note = table.Column<string>(type: "TEXT", nullable: false),
                    published_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_ledger_checkpoints", x => x.size);
                });

            migrationBuilder.CreateTable(
                name: "ledger_days",
                columns: table => new
                {
                    day = table.Column<DateOnly>(type: "TEXT", nullable: false),
                    first = table.Column<long>(type: "INTEGER", nullable: false),
                    last = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_ledger_days", x => x.day);
                });

            migrationBuilder.CreateTable(
                name: "ledger_entries",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    type = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    bytes = table.Column<byte[]>(type: "BLOB", nullable: false),
                    round_number = table.Column<int>(type: "INTEGER", nullable: true),
                    move_number = table.Column<int>(type: "INTEGER", nullable: true),
                    index = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_ledger_entries", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "ledger_head",
                columns: table => new
                {
                    id = table.Column<int>(type: "INTEGER", nullable: false),
                    origin = table.Column<string>(type: "TEXT", nullable: false),
                    verifier_key = table.Column<string>(type: "TEXT", nullable: false),
                    assigned = table.Column<long>(type: "INTEGER", nullable: false),
                    published = table.Column<long>(type: "INTEGER", nullable: false),
                    balance = table.Column<long>(type: "INTEGER", nullable: false),
                    received = table.Column<long>(type: "INTEGER", nullable: false),
                    paid = table.Column<long>(type: "INTEGER", nullable: false),
                    costs = table.Column<long>(type: "INTEGER", nullable: false),
                    fees = table.Column<long>(type: "INTEGER", nullable: false),
                    version = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_ledger_head", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "ledger_lines",
                columns: table => new
                {
                    index = table.Column<long>(type: "INTEGER", nullable: false),
                    day = table.Column<DateOnly>(type: "TEXT", nullable: false),
                    type = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    kind = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    change = table.Column<long>(type: "INTEGER", nullable: false),
                    balance = table.Column<long>(type: "INTEGER", nullable: false),
                    amount = table.Column<long>(type: "INTEGER", nullable: true),
                    fee = table.Column<long>(type: "INTEGER", nullable: true),
                    round = table.Column<int>(type: "INTEGER", nullable: true),
                    move = table.Column<int>(type: "INTEGER", nullable: true),
                    token = table.Column<string>(type: "TEXT", maxLength: 16, nullable: true),
                    weight = table.Column<long>(type: "INTEGER", nullable: true),
                    txid = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_ledger_lines", x => x.index);
                });

            migrationBuilder.CreateTable(
                name: "ledger_watch",
                columns: table => new
                {
                    id = table.Column<int>(type: "INTEGER", nullable: false),
                    is_refused = table.Column<bool>(type: "INTEGER", nullable: false),
                    passed_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_ledger_watch", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "messages",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    account_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    is_from_admins = table.Column<bool>(type: "INTEGER", nullable: false),
                    sealed_text = table.Column<byte[]>(type: "BLOB", nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_messages", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "moves",
                columns: table => new
                {
                    number = table.Column<int>(type: "INTEGER", nullable: false),
                    kind = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    state = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    manifest = table.Column<string>(type: "TEXT", nullable: false),
                    manifest_sha256 = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    batches = table.Column<int>(type: "INTEGER", nullable: false),
                    paid = table.Column<long>(type: "INTEGER", nullable: false),
                    max_fee = table.Column<long>(type: "INTEGER", nullable: false),
                    max_fee_rate = table.Column<int>(type: "INTEGER", nullable: false),
                    treasury_sha256 = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    target_sha256 = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    new_descriptor = table.Column<string>(type: "TEXT", nullable: true),
                    policy_sha256 = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    token_secret = table.Column<byte[]>(type: "BLOB", nullable: true),
                    proposed_by = table.Column<Guid>(type: "TEXT", nullable: false),
                    proposed_at = table.Column<long>(type: "INTEGER", nullable: false),
                    approved_at = table.Column<long>(type: "INTEGER", nullable: true),
                    ended_at = table.Column<long>(type: "INTEGER", nullable: true),
                    version = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_moves", x => x.number);
                });

            migrationBuilder.CreateTable(
                name: "notices",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    account_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    kind = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    server_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false),
                    due_at = table.Column<long>(type: "INTEGER", nullable: true),
                    read_at = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_notices", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "opt_outs",
                columns: table => new
                {
                    machine = table.Column<byte[]>(type: "BLOB", maxLength: 16, nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_opt_outs", x => x.machine);
                });

            migrationBuilder.CreateTable(
                name: "payout_addresses",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    account_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    address = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    set_at = table.Column<long>(type: "INTEGER", nullable: false),
                    effective_at = table.Column<long>(type: "INTEGER", nullable: false),
                    confirmed_at = table.Column<long>(type: "INTEGER", nullable: false),
                    withdrawn_at = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_payout_addresses", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "recovery_codes",
                columns: table => new
                {
                    digest = table.Column<byte[]>(type: "BLOB", nullable: false),
                    account_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    used_at = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_recovery_codes", x => x.digest);
                });

            migrationBuilder.CreateTable(
                name: "role_removals",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    account_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    role = table.Column<string>(type: "TEXT", maxLength: 20, nullable: false),
                    reason = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    proposed_by = table.Column<Guid>(type: "TEXT", nullable: false),
                    expires_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_role_removals", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "roles",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    name = table.Column<string>(type: "TEXT", maxLength: 256, nullable: true),
                    normalized_name = table.Column<string>(type: "TEXT", maxLength: 256, nullable: true),
                    concurrency_stamp = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_roles", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "round_book",
                columns: table => new
                {
                    id = table.Column<int>(type: "INTEGER", nullable: false),
                    version = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_round_book", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "rounds",
                columns: table => new
                {
                    number = table.Column<int>(type: "INTEGER", nullable: false),
                    state = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    revision = table.Column<int>(type: "INTEGER", nullable: false),
                    starts_at = table.Column<long>(type: "INTEGER", nullable: false),
                    ends_at = table.Column<long>(type: "INTEGER", nullable: false),
                    budget = table.Column<long>(type: "INTEGER", nullable: false),
                    cap_ppm = table.Column<int>(type: "INTEGER", nullable: false),
                    floor = table.Column<long>(type: "INTEGER", nullable: false),
                    step = table.Column<long>(type: "INTEGER", nullable: false),
                    max_fee = table.Column<long>(type: "INTEGER", nullable: false),
                    max_fee_rate = table.Column<int>(type: "INTEGER", nullable: false),
                    policy_json = table.Column<byte[]>(type: "BLOB", nullable: false),
                    next = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    token_secret = table.Column<byte[]>(type: "BLOB", nullable: true),
                    scores_sha256 = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true),
                    carry_cap = table.Column<long>(type: "INTEGER", nullable: false),
                    carry_rounding = table.Column<long>(type: "INTEGER", nullable: false),
                    carry_empty = table.Column<long>(type: "INTEGER", nullable: false),
                    manifest = table.Column<string>(type: "TEXT", nullable: true),
                    manifest_sha256 = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true),
                    proposed_by = table.Column<Guid>(type: "TEXT", nullable: false),
                    opened_at = table.Column<long>(type: "INTEGER", nullable: true),
                    frozen_at = table.Column<long>(type: "INTEGER", nullable: true),
                    allocated_at = table.Column<long>(type: "INTEGER", nullable: true),
                    approved_at = table.Column<long>(type: "INTEGER", nullable: true),
                    credits_expire_at = table.Column<long>(type: "INTEGER", nullable: true),
                    ended_at = table.Column<long>(type: "INTEGER", nullable: true),
                    version = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_rounds", x => x.number);
                });

            migrationBuilder.CreateTable(
                name: "schedule_days",
                columns: table => new
                {
                    day = table.Column<DateOnly>(type: "TEXT", nullable: false),
                    starts_at = table.Column<long>(type: "INTEGER", nullable: false),
                    slot_seconds = table.Column<int>(type: "INTEGER", nullable: false),
                    canary_share_ppm = table.Column<int>(type: "INTEGER", nullable: false),
                    seed = table.Column<byte[]>(type: "BLOB", nullable: false),
                    revealed_at = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_schedule_days", x => x.day);
                });

            migrationBuilder.CreateTable(
                name: "servers",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    owner_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    protocol = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    label = table.Column<string>(type: "TEXT", maxLength: 80, nullable: false),
                    sealed_endpoint = table.Column<byte[]>(type: "BLOB", nullable: false),
                    sealed_challenge = table.Column<byte[]>(type: "BLOB", nullable: false),
                    challenged_at = table.Column<long>(type: "INTEGER", nullable: false),
                    moves_from = table.Column<Guid>(type: "TEXT", nullable: true),
                    state = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    registered_at = table.Column<long>(type: "INTEGER", nullable: false),
                    first_proven_at = table.Column<long>(type: "INTEGER", nullable: true),
                    proven_at = table.Column<long>(type: "INTEGER", nullable: true),
                    retired_at = table.Column<long>(type: "INTEGER", nullable: true),
                    key_destroyed_at = table.Column<long>(type: "INTEGER", nullable: true),
                    version = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_servers", x => x.id);
                    table.ForeignKey(
                        name: "fk_servers_servers_moves_from",
                        column: x => x.moves_from,
                        principalTable: "servers",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "site_state",
                columns: table => new
                {
                    id = table.Column<int>(type: "INTEGER", nullable: false),
                    first_admin_at = table.Column<long>(type: "INTEGER", nullable: true),
                    opened_at = table.Column<long>(type: "INTEGER", nullable: true),
                    registration = table.Column<string>(type: "TEXT", maxLength: 40, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_site_state", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "staff_votes",
                columns: table => new
                {
                    subject_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    admin_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_staff_votes", x => new { x.subject_id, x.admin_id });
                });

            migrationBuilder.CreateTable(
                name: "told_facts",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    type = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    txid = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    vout = table.Column<int>(type: "INTEGER", nullable: false),
                    bytes = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_told_facts", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "treasury_descriptors",
                columns: table => new
                {
                    id = table.Column<int>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    text = table.Column<string>(type: "TEXT", nullable: false),
                    sha256 = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    network = table.Column<string>(type: "TEXT", maxLength: 20, nullable: false),
                    start_height = table.Column<int>(type: "INTEGER", nullable: false),
                    adopted_at = table.Column<long>(type: "INTEGER", nullable: false),
                    is_current = table.Column<bool>(type: "INTEGER", nullable: false),
                    version = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_treasury_descriptors", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "treasury_transactions",
                columns: table => new
                {
                    txid = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    bytes = table.Column<byte[]>(type: "BLOB", nullable: false),
                    height = table.Column<int>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_treasury_transactions", x => x.txid);
                });

            migrationBuilder.CreateTable(
                name: "usage_counts",
                columns: table => new
                {
                    key = table.Column<byte[]>(type: "BLOB", maxLength: 16, nullable: false),
                    period = table.Column<long>(type: "INTEGER", nullable: false),
                    count = table.Column<int>(type: "INTEGER", nullable: false),
                    expires_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_usage_counts", x => new { x.key, x.period });
                });

            migrationBuilder.CreateTable(
                name: "account_claims",
                columns: table => new
                {
                    id = table.Column<int>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    user_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    claim_type = table.Column<string>(type: "TEXT", nullable: true),
                    claim_value = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_account_claims", x => x.id);
                    table.ForeignKey(
                        name: "fk_account_claims_accounts_user_id",
                        column: x => x.user_id,
                        principalTable: "accounts",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "account_logins",
                columns: table => new
                {
                    login_provider = table.Column<string>(type: "TEXT", nullable: false),
                    provider_key = table.Column<string>(type: "TEXT", nullable: false),
                    provider_display_name = table.Column<string>(type: "TEXT", nullable: true),
                    user_id = table.Column<Guid>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_account_logins", x => new { x.login_provider, x.provider_key });
                    table.ForeignKey(
                        name: "fk_account_logins_accounts_user_id",
                        column: x => x.user_id,
                        principalTable: "accounts",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "account_tokens",
                columns: table => new
                {
                    user_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    login_provider = table.Column<string>(type: "TEXT", nullable: false),
                    name = table.Column<string>(type: "TEXT", nullable: false),
                    value = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_account_tokens", x => new { x.user_id, x.login_provider, x.name });
                    table.ForeignKey(
                        name: "fk_account_tokens_accounts_user_id",
                        column: x => x.user_id,
                        principalTable: "accounts",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "admin_key_votes",
                columns: table => new
                {
                    motion_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    admin_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_admin_key_votes", x => new { x.motion_id, x.admin_id });
                    table.ForeignKey(
                        name: "fk_admin_key_votes_admin_key_motions_motion_id",
                        column: x => x.motion_id,
                        principalTable: "admin_key_motions",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "ceremony_keys",
                columns: table => new
                {
                    ceremony_id = table.Column<int>(type: "INTEGER", nullable: false),
                    position = table.Column<int>(type: "INTEGER", nullable: false),
                    holder_id = table.Column<Guid>(type: "TEXT", nullable: true),
                    key = table.Column<string>(type: "TEXT", maxLength: 1000, nullable: false),
                    fingerprint = table.Column<string>(type: "TEXT", maxLength: 8, nullable: false),
                    path = table.Column<string>(type: "TEXT", maxLength: 800, nullable: false),
                    device = table.Column<string>(type: "TEXT", maxLength: 40, nullable: true),
                    given_at = table.Column<long>(type: "INTEGER", nullable: false),
                    confirmed_sha256 = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true),
                    confirmed_at = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_ceremony_keys", x => new { x.ceremony_id, x.position });
                    table.ForeignKey(
                        name: "fk_ceremony_keys_ceremonies_ceremony_id",
                        column: x => x.ceremony_id,
                        principalTable: "ceremonies",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "foreign_spend_approvals",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    txid = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    block = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    admin_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    reason = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_foreign_spend_approvals", x => x.id);
                    table.ForeignKey(
                        name: "fk_foreign_spend_approvals_foreign_spends_txid",
                        column: x => x.txid,
                        principalTable: "foreign_spends",
                        principalColumn: "txid",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "move_costs",
                columns: table => new
                {
                    move_number = table.Column<int>(type: "INTEGER", nullable: false),
                    line = table.Column<int>(type: "INTEGER", nullable: false),
                    purpose = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    amount = table.Column<long>(type: "INTEGER", nullable: false),
                    address = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_move_costs", x => new { x.move_number, x.line });
                    table.ForeignKey(
                        name: "fk_move_costs_moves_move_number",
                        column: x => x.move_number,
                        principalTable: "moves",
                        principalColumn: "number",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "account_roles",
                columns: table => new
                {
                    user_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    role_id = table.Column<Guid>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_account_roles", x => new { x.user_id, x.role_id });
                    table.ForeignKey(
                        name: "fk_account_roles_accounts_user_id",
                        column: x => x.user_id,
                        principalTable: "accounts",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "fk_account_roles_roles_role_id",
                        column: x => x.role_id,
                        principalTable: "roles",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "role_claims",
                columns: table => new
                {
                    id = table.Column<int>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    role_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    claim_type = table.Column<string>(type: "TEXT", nullable: true),
                    claim_value = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_role_claims", x => x.id);
                    table.ForeignKey(
                        name: "fk_role_claims_roles_role_id",
                        column: x => x.role_id,
                        principalTable: "roles",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "approvals",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    round_number = table.Column<int>(type: "INTEGER", nullable: true),
                    move_number = table.Column<int>(type: "INTEGER", nullable: true),
                    manifest_sha256 = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    admin_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    kind = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    signer = table.Column<string>(type: "TEXT", maxLength: 60, nullable: false),
                    signature = table.Column<byte[]>(type: "BLOB", nullable: true),
                    at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_approvals", x => x.id);
                    table.CheckConstraint("ck_approvals_order", "(round_number IS NULL) <> (move_number IS NULL)");
                    table.ForeignKey(
                        name: "fk_approvals_moves_move_number",
                        column: x => x.move_number,
                        principalTable: "moves",
                        principalColumn: "number",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_approvals_rounds_round_number",
                        column: x => x.round_number,
                        principalTable: "rounds",
                        principalColumn: "number",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "batches",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    round_number = table.Column<int>(type: "INTEGER", nullable: true),
                    move_number = table.Column<int>(type: "INTEGER", nullable: true),
                    number = table.Column<int>(type: "INTEGER", nullable: false),
                    state = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    checkpoint_size = table.Column<long>(type: "INTEGER", nullable: false),
                    booked_txid = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true),
                    exported_at = table.Column<long>(type: "INTEGER", nullable: true),
                    refusal = table.Column<string>(type: "TEXT", maxLength: 300, nullable: true),
                    version = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_batches", x => x.id);
                    table.CheckConstraint("ck_batches_order", "(round_number IS NULL) <> (move_number IS NULL)");
                    table.ForeignKey(
                        name: "fk_batches_moves_move_number",
                        column: x => x.move_number,
                        principalTable: "moves",
                        principalColumn: "number",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_batches_rounds_round_number",
                        column: x => x.round_number,
                        principalTable: "rounds",
                        principalColumn: "number",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "frozen_scores",
                columns: table => new
                {
                    round_number = table.Column<int>(type: "INTEGER", nullable: false),
                    server_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    account_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    availability_ppm = table.Column<int>(type: "INTEGER", nullable: false),
                    valid_slots = table.Column<int>(type: "INTEGER", nullable: false),
                    weight = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_frozen_scores", x => new { x.round_number, x.server_id });
                    table.ForeignKey(
                        name: "fk_frozen_scores_rounds_round_number",
                        column: x => x.round_number,
                        principalTable: "rounds",
                        principalColumn: "number",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "grants",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    round_number = table.Column<int>(type: "INTEGER", nullable: false),
                    account_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    token = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    weight = table.Column<long>(type: "INTEGER", nullable: false),
                    evidence_bytes = table.Column<byte[]>(type: "BLOB", nullable: true),
                    evidence_salt = table.Column<byte[]>(type: "BLOB", nullable: true),
                    eligibility = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    reason = table.Column<string>(type: "TEXT", maxLength: 40, nullable: true),
                    share = table.Column<long>(type: "INTEGER", nullable: false),
                    credit_used = table.Column<long>(type: "INTEGER", nullable: false),
                    paid = table.Column<long>(type: "INTEGER", nullable: false),
                    credited = table.Column<long>(type: "INTEGER", nullable: false),
                    address = table.Column<string>(type: "TEXT", maxLength: 100, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_grants", x => x.id);
                    table.ForeignKey(
                        name: "fk_grants_rounds_round_number",
                        column: x => x.round_number,
                        principalTable: "rounds",
                        principalColumn: "number",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "objections",
                columns: table => new
                {
                    round_number = table.Column<int>(type: "INTEGER", nullable: false),
                    token = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    sealed_text = table.Column<byte[]>(type: "BLOB", nullable: true),
                    raised_at = table.Column<long>(type: "INTEGER", nullable: false),
                    verdict = table.Column<string>(type: "TEXT", maxLength: 40, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_objections", x => new { x.round_number, x.token });
                    table.ForeignKey(
                        name: "fk_objections_rounds_round_number",
                        column: x => x.round_number,
                        principalTable: "rounds",
                        principalColumn: "number",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "operator_decisions",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    round_number = table.Column<int>(type: "INTEGER", nullable: false),
                    token = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    account_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    admin_id = table.Column<Guid>(type: "TEXT", nullable: true),
                    outcome = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    reason = table.Column<string>(type: "TEXT", maxLength: 40, nullable: true),
                    at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_operator_decisions", x => x.id);
                    table.ForeignKey(
                        name: "fk_operator_decisions_rounds_round_number",
                        column: x => x.round_number,
                        principalTable: "rounds",
                        principalColumn: "number",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "review_groups",
                columns: table => new
                {
                    round_number = table.Column<int>(type: "INTEGER", nullable: false),
                    kind = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    number = table.Column<int>(type: "INTEGER", nullable: false),
                    token = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_review_groups", x => new { x.round_number, x.token, x.kind, x.number });
                    table.ForeignKey(
                        name: "fk_review_groups_rounds_round_number",
                        column: x => x.round_number,
                        principalTable: "rounds",
                        principalColumn: "number",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "review_lines",
                columns: table => new
                {
                    round_number = table.Column<int>(type: "INTEGER", nullable: false),
                    token = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    protocols = table.Column<string>(type: "TEXT", nullable: false),
                    servers_from = table.Column<int>(type: "INTEGER", nullable: false),
                    tenure_from_hours = table.Column<int>(type: "INTEGER", nullable: false),
                    is_flagged = table.Column<bool>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_review_lines", x => new { x.round_number, x.token });
                    table.ForeignKey(
                        name: "fk_review_lines_rounds_round_number",
                        column: x => x.round_number,
                        principalTable: "rounds",
                        principalColumn: "number",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "address_claims",
                columns: table => new
                {
                    tag = table.Column<byte[]>(type: "BLOB", maxLength: 16, nullable: false),
                    server_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    proven_at = table.Column<long>(type: "INTEGER", nullable: false),
                    passes_at = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_address_claims", x => new { x.tag, x.server_id });
                    table.ForeignKey(
                        name: "fk_address_claims_server_server_id",
                        column: x => x.server_id,
                        principalTable: "servers",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "listed_spells",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    server_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    from = table.Column<long>(type: "INTEGER", nullable: false),
                    until = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_listed_spells", x => x.id);
                    table.ForeignKey(
                        name: "fk_listed_spells_server_server_id",
                        column: x => x.server_id,
                        principalTable: "servers",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "move_gaps",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    server_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    from = table.Column<long>(type: "INTEGER", nullable: false),
                    until = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_move_gaps", x => x.id);
                    table.ForeignKey(
                        name: "fk_move_gaps_server_server_id",
                        column: x => x.server_id,
                        principalTable: "servers",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "proof_attempts",
                columns: table => new
                {
                    server_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    way = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false),
                    finding = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    failure = table.Column<string>(type: "TEXT", maxLength: 40, nullable: true),
                    number = table.Column<int>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_proof_attempts", x => new { x.server_id, x.way });
                    table.ForeignKey(
                        name: "fk_proof_attempts_server_server_id",
                        column: x => x.server_id,
                        principalTable: "servers",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "treasury_addresses",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    descriptor_id = table.Column<int>(type: "INTEGER", nullable: false),
                    branch = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    index = table.Column<int>(type: "INTEGER", nullable: false),
                    script = table.Column<byte[]>(type: "BLOB", maxLength: 34, nullable: false),
                    is_used = table.Column<bool>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_treasury_addresses", x => x.id);
                    table.ForeignKey(
                        name: "fk_treasury_addresses_treasury_descriptor_descriptor_id",
                        column: x => x.descriptor_id,
                        principalTable: "treasury_descriptors",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "treasury_key_devices",
                columns: table => new
                {
                    descriptor_id = table.Column<int>(type: "INTEGER", nullable: false),
                    position = table.Column<int>(type: "INTEGER", nullable: false),
                    device = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_treasury_key_devices", x => new { x.descriptor_id, x.position });
                    table.ForeignKey(
                        name: "fk_treasury_key_devices_treasury_descriptors_descriptor_id",
                        column: x => x.descriptor_id,
                        principalTable: "treasury_descriptors",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "coin_rivals",
                columns: table => new
                {
                    txid = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    input_txid = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    input_vout = table.Column<int>(type: "INTEGER", nullable: false),
                    spent_by = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    height = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_coin_rivals", x => new { x.txid, x.input_txid, x.input_vout });
                    table.ForeignKey(
                        name: "fk_coin_rivals_treasury_transactions_txid",
                        column: x => x.txid,
                        principalTable: "treasury_transactions",
                        principalColumn: "txid",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "payouts",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    round_number = table.Column<int>(type: "INTEGER", nullable: false),
                    token = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    amount = table.Column<long>(type: "INTEGER", nullable: false),
                    script = table.Column<byte[]>(type: "BLOB", maxLength: 42, nullable: false),
                    paid_txid = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true),
                    paid_vout = table.Column<int>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_payouts", x => x.id);
                    table.ForeignKey(
                        name: "fk_payouts_grant_id",
                        column: x => x.id,
                        principalTable: "grants",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "objection_votes",
                columns: table => new
                {
                    round_number = table.Column<int>(type: "INTEGER", nullable: false),
                    token = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    admin_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    verdict = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_objection_votes", x => new { x.round_number, x.token, x.admin_id });
                    table.ForeignKey(
                        name: "fk_objection_votes_objections_round_number_token",
                        columns: x => new { x.round_number, x.token },
                        principalTable: "objections",
                        principalColumns: new[] { "round_number", "token" },
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "batch_transactions",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    batch_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    number = table.Column<int>(type: "INTEGER", nullable: false),
                    txid = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    built_by = table.Column<Guid>(type: "TEXT", nullable: false),
                    built_at = table.Column<long>(type: "INTEGER", nullable: false),
                    psbt = table.Column<byte[]>(type: "BLOB", nullable: false),
                    psbt_sha256 = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    input_sum = table.Column<long>(type: "INTEGER", nullable: false),
                    paid = table.Column<long>(type: "INTEGER", nullable: false),
                    fee = table.Column<long>(type: "INTEGER", nullable: false),
                    weight = table.Column<int>(type: "INTEGER", nullable: false),
                    change_address_id = table.Column<long>(type: "INTEGER", nullable: true),
                    announcement_id = table.Column<long>(type: "INTEGER", nullable: false),
                    final_bytes = table.Column<byte[]>(type: "BLOB", nullable: true),
                    broadcast_at = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_batch_transactions", x => x.id);
                    table.ForeignKey(
                        name: "fk_batch_transactions_batches_batch_id",
                        column: x => x.batch_id,
                        principalTable: "batches",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_batch_transactions_ledger_entries_announcement_id",
                        column: x => x.announcement_id,
                        principalTable: "ledger_entries",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_batch_transactions_treasury_address_change_address_id",
                        column: x => x.change_address_id,
                        principalTable: "treasury_addresses",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "donations",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    token_hash = table.Column<byte[]>(type: "BLOB", maxLength: 32, nullable: false),
                    address_id = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_donations", x => x.id);
                    table.ForeignKey(
                        name: "fk_donations_treasury_address_address_id",
                        column: x => x.address_id,
                        principalTable: "treasury_addresses",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "rehearsal_deposits",
                columns: table => new
                {
                    descriptor_id = table.Column<int>(type: "INTEGER", nullable: false),
                    address_id = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_rehearsal_deposits", x => x.descriptor_id);
                    table.ForeignKey(
                        name: "fk_rehearsal_deposits_treasury_address_address_id",
                        column: x => x.address_id,
                        principalTable: "treasury_addresses",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_rehearsal_deposits_treasury_descriptor_descriptor_id",
                        column: x => x.descriptor_id,
                        principalTable: "treasury_descriptors",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "treasury_coins",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    txid = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    vout = table.Column<int>(type: "INTEGER", nullable: false),
                    amount = table.Column<long>(type: "INTEGER", nullable: false),
                    address_id = table.Column<long>(type: "INTEGER", nullable: false),
                    origin = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    height = table.Column<int>(type: "INTEGER", nullable: true),
                    is_booked = table.Column<bool>(type: "INTEGER", nullable: false),
                    is_lost = table.Column<bool>(type: "INTEGER", nullable: false),
                    spent_by = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true),
                    spent_height = table.Column<int>(type: "INTEGER", nullable: true),
                    version = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_treasury_coins", x => x.id);
                    table.ForeignKey(
                        name: "fk_treasury_coins_treasury_addresses_address_id",
                        column: x => x.address_id,
                        principalTable: "treasury_addresses",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_treasury_coins_treasury_transactions_txid",
                        column: x => x.txid,
                        principalTable: "treasury_transactions",
                        principalColumn: "txid",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "batch_payments",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    batch_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    payout_id = table.Column<Guid>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_batch_payments", x => x.id);
                    table.ForeignKey(
                        name: "fk_batch_payments_batches_batch_id",
                        column: x => x.batch_id,
                        principalTable: "batches",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_batch_payments_payout_payout_id",
                        column: x => x.payout_id,
                        principalTable: "payouts",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "signature_uploads",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    transaction_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    sha256 = table.Column<byte[]>(type: "BLOB", maxLength: 32, nullable: false),
                    bytes = table.Column<byte[]>(type: "BLOB", nullable: false),
                    uploaded_by = table.Column<Guid>(type: "TEXT", nullable: false),
                    uploaded_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_signature_uploads", x => x.id);
                    table.ForeignKey(
                        name: "fk_signature_uploads_batch_transactions_transaction_id",
                        column: x => x.transaction_id,
                        principalTable: "batch_transactions",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "batch_inputs",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    batch_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    coin_id = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_batch_inputs", x => x.id);
                    table.ForeignKey(
                        name: "fk_batch_inputs_batches_batch_id",
                        column: x => x.batch_id,
                        principalTable: "batches",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_batch_inputs_treasury_coin_coin_id",
                        column: x => x.coin_id,
                        principalTable: "treasury_coins",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "batch_signatures",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    transaction_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    input_index = table.Column<int>(type: "INTEGER", nullable: false),
                    pub_key = table.Column<byte[]>(type: "BLOB", maxLength: 33, nullable: false),
                    fingerprint = table.Column<string>(type: "TEXT", maxLength: 8, nullable: false),
                    signature = table.Column<byte[]>(type: "BLOB", maxLength: 73, nullable: false),
                    upload_id = table.Column<Guid>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_batch_signatures", x => x.id);
                    table.ForeignKey(
                        name: "fk_batch_signatures_batch_transaction_transaction_id",
                        column: x => x.transaction_id,
                        principalTable: "batch_transactions",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_batch_signatures_signature_upload_upload_id",
                        column: x => x.upload_id,
                        principalTable: "signature_uploads",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.InsertData(
                table: "roles",
                columns: new[] { "id", "concurrency_stamp", "name", "normalized_name" },
                values: new object[,]
                {
                    { new Guid("00000000-0000-0000-0000-000000000001"), "operator", "operator", "OPERATOR" },
                    { new Guid("00000000-0000-0000-0000-000000000002"), "admin", "admin", "ADMIN" },
                    { new Guid("00000000-0000-0000-0000-000000000003"), "treasurer", "treasurer", "TREASURER" }
                });

            migrationBuilder.InsertData(
                table: "round_book",
                columns: new[] { "id", "version" },
                values: new object[] { 1, 0L });

            migrationBuilder.InsertData(
                table: "site_state",
                columns: new[] { "id", "first_admin_at", "opened_at", "registration" },
                values: new object[] { 1, null, null, null });

            migrationBuilder.CreateIndex(
                name: "ix_account_claims_user_id",
                table: "account_claims",
                column: "user_id");

            migrationBuilder.CreateIndex(
                name: "ix_account_logins_user_id",
                table: "account_logins",
                column: "user_id");

            migrationBuilder.CreateIndex(
                name: "ix_account_returns_account_id",
                table: "account_returns",
                column: "account_id");

            migrationBuilder.CreateIndex(
                name: "ix_account_returns_digest",
                table: "account_returns",
                column: "digest",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_account_roles_role_id",
                table: "account_roles",
                column: "role_id");

            migrationBuilder.CreateIndex(
                name: "UserNameIndex",
                table: "accounts",
                column: "normalized_user_name",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_address_claims_held",
                table: "address_claims",
                column: "tag",
                unique: true,
                filter: "passes_at IS NULL");

            migrationBuilder.CreateIndex(
                name: "ix_address_claims_passes_at",
                table: "address_claims",
                column: "passes_at");

            migrationBuilder.CreateIndex(
                name: "ix_address_claims_server_id",
                table: "address_claims",
                column: "server_id");

            migrationBuilder.CreateIndex(
                name: "ix_admin_key_motions_account_id_kind",
                table: "admin_key_motions",
                columns: new[] { "account_id", "kind" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_admin_keys_account_id",
                table: "admin_keys",
                column: "account_id",
                unique: true,
                filter: "revoked_at IS NULL");

            migrationBuilder.CreateIndex(
                name: "ix_admin_keys_fingerprint",
                table: "admin_keys",
                column: "fingerprint",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_approvals_move_number_manifest_sha256_signer",
                table: "approvals",
                columns: new[] { "move_number", "manifest_sha256", "signer" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_approvals_round_number_manifest_sha256_signer",
                table: "approvals",
                columns: new[] { "round_number", "manifest_sha256", "signer" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_batch_inputs_batch_id",
                table: "batch_inputs",
                column: "batch_id");

            migrationBuilder.CreateIndex(
                name: "ix_batch_inputs_coin_id",
                table: "batch_inputs",
                column: "coin_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_batch_payments_batch_id",
                table: "batch_payments",
                column: "batch_id");

            migrationBuilder.CreateIndex(
                name: "ix_batch_payments_payout_id",
                table: "batch_payments",
                column: "payout_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_batch_signatures_transaction_id_input_index_pub_key",
                table: "batch_signatures",
                columns: new[] { "transaction_id", "input_index", "pub_key" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_batch_signatures_upload_id",
                table: "batch_signatures",
                column: "upload_id");

            migrationBuilder.CreateIndex(
                name: "ix_batch_transactions_announcement_id",
                table: "batch_transactions",
                column: "announcement_id");

            migrationBuilder.CreateIndex(
                name: "ix_batch_transactions_batch_id_number",
                table: "batch_transactions",
                columns: new[] { "batch_id", "number" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_batch_transactions_change_address_id",
                table: "batch_transactions",
                column: "change_address_id");

            migrationBuilder.CreateIndex(
                name: "ix_batch_transactions_txid",
                table: "batch_transactions",
                column: "txid",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_batches_move_number_number",
                table: "batches",
                columns: new[] { "move_number", "number" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_batches_round_number_number",
                table: "batches",
                columns: new[] { "round_number", "number" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_batches_state",
                table: "batches",
                column: "state");

            migrationBuilder.CreateIndex(
                name: "ix_ceremonies_is_live",
                table: "ceremonies",
                column: "is_live",
                unique: true,
                filter: "is_live");

            migrationBuilder.CreateIndex(
                name: "ix_ceremony_keys_ceremony_id_fingerprint",
                table: "ceremony_keys",
                columns: new[] { "ceremony_id", "fingerprint" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_ceremony_keys_ceremony_id_holder_id",
                table: "ceremony_keys",
                columns: new[] { "ceremony_id", "holder_id" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_chain_blocks_previous",
                table: "chain_blocks",
                column: "previous",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_coin_rivals_height",
                table: "coin_rivals",
                column: "height");

            migrationBuilder.CreateIndex(
                name: "ix_credit_expiries_account_id",
                table: "credit_expiries",
                column: "account_id");

            migrationBuilder.CreateIndex(
                name: "ix_donations_address_id",
                table: "donations",
                column: "address_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_donations_token_hash",
                table: "donations",
                column: "token_hash",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_foreign_spend_approvals_txid_block_admin_id",
                table: "foreign_spend_approvals",
                columns: new[] { "txid", "block", "admin_id" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_frozen_scores_round_number_account_id",
                table: "frozen_scores",
                columns: new[] { "round_number", "account_id" });

            migrationBuilder.CreateIndex(
                name: "ix_grants_account_id",
                table: "grants",
                column: "account_id");

            migrationBuilder.CreateIndex(
                name: "ix_grants_round_number_account_id",
                table: "grants",
                columns: new[] { "round_number", "account_id" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_grants_round_number_token",
                table: "grants",
                columns: new[] { "round_number", "token" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_idempotency_claimed_at",
                table: "idempotency",
                column: "claimed_at");

            migrationBuilder.CreateIndex(
                name: "ix_invitations_digest",
                table: "invitations",
                column: "digest",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_ledger_entries_announced",
                table: "ledger_entries",
                column: "type",
                filter: "type = 'psbt.created'");

            migrationBuilder.CreateIndex(
                name: "ix_ledger_entries_index",
                table: "ledger_entries",
                column: "index",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_ledger_entries_move_number",
                table: "ledger_entries",
                column: "move_number");

            migrationBuilder.CreateIndex(
                name: "ix_ledger_entries_round_number",
                table: "ledger_entries",
                column: "round_number");

            migrationBuilder.CreateIndex(
                name: "ix_ledger_lines_amount_index",
                table: "ledger_lines",
                columns: new[] { "amount", "index" },
                filter: "amount IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_ledger_lines_kind_index",
                table: "ledger_lines",
                columns: new[] { "kind", "index" });

            migrationBuilder.CreateIndex(
                name: "ix_ledger_lines_money",
                table: "ledger_lines",
                columns: new[] { "index", "change" },
                filter: "change <> 0");

            migrationBuilder.CreateIndex(
                name: "ix_ledger_lines_move_index",
                table: "ledger_lines",
                columns: new[] { "move", "index" },
                filter: "move IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_ledger_lines_round_index",
                table: "ledger_lines",
                columns: new[] { "round", "index" });

            migrationBuilder.CreateIndex(
                name: "ix_ledger_lines_token_index",
                table: "ledger_lines",
                columns: new[] { "token", "index" },
                filter: "token IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_ledger_lines_txid_index",
                table: "ledger_lines",
                columns: new[] { "txid", "index" },
                filter: "txid IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_ledger_lines_type_index",
                table: "ledger_lines",
                columns: new[] { "type", "index" });

            migrationBuilder.CreateIndex(
                name: "ix_listed_spells_open",
                table: "listed_spells",
                column: "server_id",
                unique: true,
                filter: "until IS NULL");

            migrationBuilder.CreateIndex(
                name: "ix_listed_spells_server_id_from",
                table: "listed_spells",
                columns: new[] { "server_id", "from" });

            migrationBuilder.CreateIndex(
                name: "ix_messages_account_id_at",
                table: "messages",
                columns: new[] { "account_id", "at" });

            migrationBuilder.CreateIndex(
                name: "ix_messages_at",
                table: "messages",
                column: "at");

            migrationBuilder.CreateIndex(
                name: "ix_move_gaps_server_id_from",
                table: "move_gaps",
                columns: new[] { "server_id", "from" });

            migrationBuilder.CreateIndex(
                name: "ix_moves_state",
                table: "moves",
                column: "state");

            migrationBuilder.CreateIndex(
                name: "ix_notices_account_id_at",
                table: "notices",
                columns: new[] { "account_id", "at" });

            migrationBuilder.CreateIndex(
                name: "ix_operator_decisions_account_id_id",
                table: "operator_decisions",
                columns: new[] { "account_id", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_operator_decisions_round_number_token",
                table: "operator_decisions",
                columns: new[] { "round_number", "token" });

            migrationBuilder.CreateIndex(
                name: "ix_payout_addresses_account_id",
                table: "payout_addresses",
                column: "account_id");

            migrationBuilder.CreateIndex(
                name: "ix_payout_addresses_address",
                table: "payout_addresses",
                column: "address",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_payouts_round_number_token",
                table: "payouts",
                columns: new[] { "round_number", "token" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_recovery_codes_account_id",
                table: "recovery_codes",
                column: "account_id");

            migrationBuilder.CreateIndex(
                name: "ix_rehearsal_deposits_address_id",
                table: "rehearsal_deposits",
                column: "address_id");

            migrationBuilder.CreateIndex(
                name: "ix_role_claims_role_id",
                table: "role_claims",
                column: "role_id");

            migrationBuilder.CreateIndex(
                name: "ix_role_removals_account_id_role",
                table: "role_removals",
                columns: new[] { "account_id", "role" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "RoleNameIndex",
                table: "roles",
                column: "normalized_name",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_servers_moving",
                table: "servers",
                column: "moves_from",
                unique: true,
                filter: "state <> 'Retired'");

            migrationBuilder.CreateIndex(
                name: "ix_servers_owner_id",
                table: "servers",
                column: "owner_id");

            migrationBuilder.CreateIndex(
                name: "ix_servers_state",
                table: "servers",
                column: "state");

            migrationBuilder.CreateIndex(
                name: "ix_signature_uploads_transaction_id_sha256",
                table: "signature_uploads",
                columns: new[] { "transaction_id", "sha256" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_told_facts_txid_vout",
                table: "told_facts",
                columns: new[] { "txid", "vout" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_treasury_addresses_descriptor_id_branch_index",
                table: "treasury_addresses",
                columns: new[] { "descriptor_id", "branch", "index" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_treasury_addresses_descriptor_id_branch_index1",
                table: "treasury_addresses",
                columns: new[] { "descriptor_id", "branch", "index" },
                filter: "not is_used");

            migrationBuilder.CreateIndex(
                name: "ix_treasury_addresses_script",
                table: "treasury_addresses",
                column: "script",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_treasury_coins_address_id",
                table: "treasury_coins",
                column: "address_id");

            migrationBuilder.CreateIndex(
                name: "ix_treasury_coins_height",
                table: "treasury_coins",
                column: "height");

            migrationBuilder.CreateIndex(
                name: "ix_treasury_coins_spent_height",
                table: "treasury_coins",
                column: "spent_height");

            migrationBuilder.CreateIndex(
                name: "ix_treasury_coins_txid_vout",
                table: "treasury_coins",
                columns: new[] { "txid", "vout" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_treasury_descriptors_is_current",
                table: "treasury_descriptors",
                column: "is_current",
                unique: true,
                filter: "is_current");

            migrationBuilder.CreateIndex(
                name: "ix_treasury_descriptors_sha256",
                table: "treasury_descriptors",
                column: "sha256",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_treasury_transactions_height",
                table: "treasury_transactions",
                column: "height");

            migrationBuilder.CreateIndex(
                name: "ix_usage_counts_expires_at",
                table: "usage_counts",
                column: "expires_at");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "account_claims");

            migrationBuilder.DropTable(
                name: "account_logins");

            migrationBuilder.DropTable(
                name: "account_returns");

            migrationBuilder.DropTable(
                name: "account_roles");

            migrationBuilder.DropTable(
                name: "account_tokens");

            migrationBuilder.DropTable(
                name: "address_claims");

            migrationBuilder.DropTable(
                name: "admin_key_votes");

            migrationBuilder.DropTable(
                name: "admin_keys");

            migrationBuilder.DropTable(
                name: "approvals");

            migrationBuilder.DropTable(
                name: "batch_inputs");

            migrationBuilder.DropTable(
                name: "batch_payments");

            migrationBuilder.DropTable(
                name: "batch_signatures");

            migrationBuilder.DropTable(
                name: "budgets");

            migrationBuilder.DropTable(
                name: "ceremony_keys");

            migrationBuilder.DropTable(
                name: "chain_blocks");

            migrationBuilder.DropTable(
                name: "coin_rivals");

            migrationBuilder.DropTable(
                name: "credit_expiries");

            migrationBuilder.DropTable(
                name: "data_protection_keys");

            migrationBuilder.DropTable(
                name: "donations");

            migrationBuilder.DropTable(
                name: "foreign_spend_approvals");

            migrationBuilder.DropTable(
                name: "frozen_scores");

            migrationBuilder.DropTable(
                name: "idempotency");

            migrationBuilder.DropTable(
                name: "invitations");

            migrationBuilder.DropTable(
                name: "ledger_checkpoints");

            migrationBuilder.DropTable(
                name: "ledger_days");

            migrationBuilder.DropTable(
                name: "ledger_head");

            migrationBuilder.DropTable(
                name: "ledger_lines");

            migrationBuilder.DropTable(
                name: "ledger_watch");

            migrationBuilder.DropTable(
                name: "listed_spells");

            migrationBuilder.DropTable(
                name: "messages");

            migrationBuilder.DropTable(
                name: "move_costs");

            migrationBuilder.DropTable(
                name: "move_gaps");

            migrationBuilder.DropTable(
                name: "notices");

            migrationBuilder.DropTable(
                name: "objection_votes");

            migrationBuilder.DropTable(
                name: "operator_decisions");

            migrationBuilder.DropTable(
                name: "opt_outs");

            migrationBuilder.DropTable(
                name: "payout_addresses");

            migrationBuilder.DropTable(
                name: "proof_attempts");

            migrationBuilder.DropTable(
                name: "recovery_codes");

            migrationBuilder.DropTable(
                name: "rehearsal_deposits");

            migrationBuilder.DropTable(
                name: "review_groups");

            migrationBuilder.DropTable(
                name: "review_lines");

            migrationBuilder.DropTable(
                name: "role_claims");

            migrationBuilder.DropTable(
                name: "role_removals");

            migrationBuilder.DropTable(
                name: "round_book");

            migrationBuilder.DropTable(
                name: "schedule_days");

            migrationBuilder.DropTable(
                name: "site_state");

            migrationBuilder.DropTable(
                name: "staff_votes");

            migrationBuilder.DropTable(
                name: "told_facts");

            migrationBuilder.DropTable(
                name: "treasury_key_devices");

            migrationBuilder.DropTable(
                name: "usage_counts");

            migrationBuilder.DropTable(
                name: "accounts");

            migrationBuilder.DropTable(
                name: "admin_key_motions");

            migrationBuilder.DropTable(
                name: "treasury_coins");

            migrationBuilder.DropTable(
                name: "payouts");

            migrationBuilder.DropTable(
                name: "signature_uploads");

            migrationBuilder.DropTable(
                name: "ceremonies");

            migrationBuilder.DropTable(
                name: "foreign_spends");

            migrationBuilder.DropTable(
                name: "objections");

            migrationBuilder.DropTable(
                name: "servers");

            migrationBuilder.DropTable(
                name: "roles");

            migrationBuilder.DropTable(
                name: "treasury_transactions");

            migrationBuilder.DropTable(
                name: "grants");

            migrationBuilder.DropTable(
                name: "batch_transactions");

            migrationBuilder.DropTable(
                name: "batches");

            migrationBuilder.DropTable(
                name: "ledger_entries");

            migrationBuilder.DropTable(
                name: "treasury_addresses");

            migrationBuilder.DropTable(
                name: "moves");

            migrationBuilder.DropTable(
                name: "rounds");

            migrationBuilder.DropTable(
                name: "treasury_descriptors");
        }
    }
}
