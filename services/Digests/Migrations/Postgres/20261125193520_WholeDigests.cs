using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Alerts.Digests.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class WholeDigests : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "After",
                schema: "digests",
                table: "Cuts");

            migrationBuilder.AddColumn<DateTime>(
                name: "SweptAt",
                schema: "digests",
                table: "SweepPlace",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<DateTime>(
                name: "PausedUntil",
                schema: "digests",
                table: "Readers",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Regions",
                schema: "digests",
                table: "Readers",
                type: "character varying(4000)",
                maxLength: 4000,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<DateTime>(
                name: "LeftOutAt",
                schema: "digests",
                table: "Posts",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "Urgent",
                schema: "digests",
                table: "Posts",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<int>(
                name: "Weight",
                schema: "digests",
                table: "Posts",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<DateTime>(
                name: "DueAt",
                schema: "digests",
                table: "Cuts",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "LookedAt",
                schema: "digests",
                table: "Cuts",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<int>(
                name: "Serves",
                schema: "digests",
                table: "Cuts",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<int>(
                name: "Serves",
                schema: "digests",
                table: "CutRequests",
                type: "integer",
                nullable: false,
                defaultValue: 3);

            migrationBuilder.CreateTable(
                name: "Editions",
                schema: "digests",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    CutId = table.Column<Guid>(type: "uuid", nullable: false),
                    Subject = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: false),
                    Title = table.Column<string>(type: "text", nullable: true),
                    Posts = table.Column<string>(type: "text", nullable: false),
                    CutAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Editions", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Holds",
                schema: "digests",
                columns: table => new
                {
                    Digest = table.Column<int>(type: "integer", nullable: false),
                    Since = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    By = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Holds", x => x.Digest);
                });

            migrationBuilder.CreateTable(
                name: "Stretches",
                schema: "digests",
                columns: table => new
                {
                    CutId = table.Column<Guid>(type: "uuid", nullable: false),
                    Number = table.Column<int>(type: "integer", nullable: false),
                    After = table.Column<Guid>(type: "uuid", nullable: false),
                    UpTo = table.Column<Guid>(type: "uuid", nullable: false),
                    HeldUntil = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    DoneAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Stretches", x => new { x.CutId, x.Number });
                });

            migrationBuilder.UpdateData(
                schema: "digests",
                table: "SweepPlace",
                keyColumn: "Id",
                keyValue: 1,
                column: "SweptAt",
                value: null);

            migrationBuilder.CreateIndex(
                name: "IX_Editions_CutAt",
                schema: "digests",
                table: "Editions",
                column: "CutAt");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "Editions",
                schema: "digests");

            migrationBuilder.DropTable(
                name: "Holds",
                schema: "digests");

            migrationBuilder.DropTable(
                name: "Stretches",
                schema: "digests");

            migrationBuilder.DropColumn(
                name: "SweptAt",
                schema: "digests",
                table: "SweepPlace");

            migrationBuilder.DropColumn(
                name: "PausedUntil",
                schema: "digests",
                table: "Readers");

            migrationBuilder.DropColumn(
                name: "Regions",
                schema: "digests",
                table: "Readers");

            migrationBuilder.DropColumn(
                name: "LeftOutAt",
                schema: "digests",
                table: "Posts");

            migrationBuilder.DropColumn(
                name: "Urgent",
                schema: "digests",
                table: "Posts");

            migrationBuilder.DropColumn(
                name: "Weight",
                schema: "digests",
                table: "Posts");

            migrationBuilder.DropColumn(
                name: "DueAt",
                schema: "digests",
                table: "Cuts");

            migrationBuilder.DropColumn(
                name: "LookedAt",
                schema: "digests",
                table: "Cuts");

            migrationBuilder.DropColumn(
                name: "Serves",
                schema: "digests",
                table: "Cuts");

            migrationBuilder.DropColumn(
                name: "Serves",
                schema: "digests",
                table: "CutRequests");

            migrationBuilder.AddColumn<Guid>(
                name: "After",
                schema: "digests",
                table: "Cuts",
                type: "uuid",
                nullable: false,
                defaultValue: new Guid("00000000-0000-0000-0000-000000000000"));
        }
    }
}
