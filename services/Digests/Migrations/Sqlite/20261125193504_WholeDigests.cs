using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Alerts.Digests.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class WholeDigests : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "After",
                table: "Cuts");

            migrationBuilder.AddColumn<DateTime>(
                name: "SweptAt",
                table: "SweepPlace",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<DateTime>(
                name: "PausedUntil",
                table: "Readers",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Regions",
                table: "Readers",
                type: "TEXT",
                maxLength: 4000,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<DateTime>(
                name: "LeftOutAt",
                table: "Posts",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "Urgent",
                table: "Posts",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<int>(
                name: "Weight",
                table: "Posts",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<DateTime>(
                name: "DueAt",
                table: "Cuts",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "LookedAt",
                table: "Cuts",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<int>(
                name: "Serves",
                table: "Cuts",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<int>(
                name: "Serves",
                table: "CutRequests",
                type: "INTEGER",
                nullable: false,
                defaultValue: 3);

            migrationBuilder.CreateTable(
                name: "Editions",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "TEXT", nullable: false),
                    CutId = table.Column<Guid>(type: "TEXT", nullable: false),
                    Subject = table.Column<string>(type: "TEXT", maxLength: 500, nullable: false),
                    Title = table.Column<string>(type: "TEXT", nullable: true),
                    Posts = table.Column<string>(type: "TEXT", nullable: false),
                    CutAt = table.Column<DateTime>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Editions", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Holds",
                columns: table => new
                {
                    Digest = table.Column<int>(type: "INTEGER", nullable: false),
                    Since = table.Column<DateTime>(type: "TEXT", nullable: false),
                    By = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Holds", x => x.Digest);
                });

            migrationBuilder.CreateTable(
                name: "Stretches",
                columns: table => new
                {
                    CutId = table.Column<Guid>(type: "TEXT", nullable: false),
                    Number = table.Column<int>(type: "INTEGER", nullable: false),
                    After = table.Column<Guid>(type: "TEXT", nullable: false),
                    UpTo = table.Column<Guid>(type: "TEXT", nullable: false),
                    HeldUntil = table.Column<DateTime>(type: "TEXT", nullable: true),
                    DoneAt = table.Column<DateTime>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Stretches", x => new { x.CutId, x.Number });
                });

            migrationBuilder.UpdateData(
                table: "SweepPlace",
                keyColumn: "Id",
                keyValue: 1,
                column: "SweptAt",
                value: null);

            migrationBuilder.CreateIndex(
                name: "IX_Editions_CutAt",
                table: "Editions",
                column: "CutAt");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "Editions");

            migrationBuilder.DropTable(
                name: "Holds");

            migrationBuilder.DropTable(
                name: "Stretches");

            migrationBuilder.DropColumn(
                name: "SweptAt",
                table: "SweepPlace");

            migrationBuilder.DropColumn(
                name: "PausedUntil",
                table: "Readers");

            migrationBuilder.DropColumn(
                name: "Regions",
                table: "Readers");

            migrationBuilder.DropColumn(
                name: "LeftOutAt",
                table: "Posts");

            migrationBuilder.DropColumn(
                name: "Urgent",
                table: "Posts");

            migrationBuilder.DropColumn(
                name: "Weight",
                table: "Posts");

            migrationBuilder.DropColumn(
                name: "DueAt",
                table: "Cuts");

            migrationBuilder.DropColumn(
                name: "LookedAt",
                table: "Cuts");

            migrationBuilder.DropColumn(
                name: "Serves",
                table: "Cuts");

            migrationBuilder.DropColumn(
                name: "Serves",
                table: "CutRequests");

            migrationBuilder.AddColumn<Guid>(
                name: "After",
                table: "Cuts",
                type: "TEXT",
                nullable: false,
                defaultValue: new Guid("00000000-0000-0000-0000-000000000000"));
        }
    }
}
