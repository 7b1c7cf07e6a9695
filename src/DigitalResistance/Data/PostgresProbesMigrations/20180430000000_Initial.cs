using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace DigitalResistance.Data.PostgresProbesMigrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "closed_days",
                columns: table => new
                {
                    day = table.Column<DateOnly>(type: "date", nullable: false),
                    packed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_closed_days", x => x.day);
                });

            migrationBuilder.CreateTable(
                name: "extra_probes",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    server_id = table.Column<Guid>(type: "uuid", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    record = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_extra_probes", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "packed_days",
                columns: table => new
                {
                    server = table.Column<int>(type: "integer", nullable: false),
                    vantage = table.Column<short>(type: "smallint", nullable: false),
                    day = table.Column<DateOnly>(type: "date", nullable: false),
                    slot_seconds = table.Column<int>(type: "integer", nullable: false),
                    slots = table.Column<byte[]>(type: "bytea", nullable: false),
                    leaf = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_packed_days", x => new { x.server, x.day, x.vantage });
                });

            migrationBuilder.CreateTable(
                name: "probed_servers",
                columns: table => new
                {
                    number = table.Column<int>(type: "integer", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    server_id = table.Column<Guid>(type: "uuid", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_probed_servers", x => x.number);
                });

            migrationBuilder.CreateTable(
                name: "result_batches",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    recorded_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_result_batches", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "settled_slots",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false),
                    until = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_settled_slots", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "sightings",
                columns: table => new
                {
                    server = table.Column<int>(type: "integer", nullable: false),
                    day = table.Column<DateOnly>(type: "date", nullable: false),
                    kind = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    tag = table.Column<byte[]>(type: "bytea", maxLength: 16, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_sightings", x => new { x.server, x.day, x.kind, x.tag });
                });

            migrationBuilder.CreateTable(
                name: "slot_claims",
                columns: table => new
                {
                    vantage = table.Column<short>(type: "smallint", nullable: false),
                    slot_at = table.Column<long>(type: "bigint", nullable: false),
                    beat = table.Column<int>(type: "integer", nullable: false),
                    bucket = table.Column<int>(type: "integer", nullable: false),
                    process = table.Column<Guid>(type: "uuid", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_slot_claims", x => new { x.slot_at, x.vantage, x.beat, x.bucket });
                });

            migrationBuilder.InsertData(
                table: "settled_slots",
                columns: new[] { "id", "until" },
                values: new object[] { 1, 0L });

            migrationBuilder.CreateIndex(
                name: "ix_extra_probes_server_id_at",
                table: "extra_probes",
                columns: new[] { "server_id", "at" });

            migrationBuilder.CreateIndex(
                name: "ix_packed_days_day",
                table: "packed_days",
                column: "day");

            migrationBuilder.CreateIndex(
                name: "ix_probed_servers_server_id",
                table: "probed_servers",
                column: "server_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_result_batches_recorded_at",
                table: "result_batches",
                column: "recorded_at");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "closed_days");

            migrationBuilder.DropTable(
                name: "extra_probes");

            migrationBuilder.DropTable(
                name: "packed_days");

            migrationBuilder.DropTable(
                name: "probed_servers");

            migrationBuilder.DropTable(
                name: "result_batches");

            migrationBuilder.DropTable(
                name: "settled_slots");

            migrationBuilder.DropTable(
                name: "sightings");

            migrationBuilder.DropTable(
                name: "slot_claims");
        }
    }
}
