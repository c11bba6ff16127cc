using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Alerts.Subscriptions.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class ListsImportsBulk : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AlterColumn<string>(
                name: "NormalizedAddress",
                schema: "subscriptions",
                table: "Subscribers",
                type: "character varying(254)",
                maxLength: 254,
                nullable: true,
                collation: "C",
                oldClrType: typeof(string),
                oldType: "character varying(254)",
                oldMaxLength: 254,
                oldNullable: true);

            migrationBuilder.AddColumn<string>(
                name: "DefaultFrequency",
                schema: "subscriptions",
                table: "Lists",
                type: "character varying(20)",
                maxLength: 20,
                nullable: false,
                defaultValue: "Daily");

            migrationBuilder.AddColumn<bool>(
                name: "InArchive",
                schema: "subscriptions",
                table: "Lists",
                type: "boolean",
                nullable: false,
                defaultValue: true);

            migrationBuilder.AddColumn<string>(
                name: "SenderName",
                schema: "subscriptions",
                table: "Lists",
                type: "character varying(100)",
                maxLength: 100,
                nullable: true);

            migrationBuilder.CreateTable(
                name: "BulkChanges",
                schema: "subscriptions",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    Action = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    List = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true),
                    Frequency = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: true),
                    FoundByAddress = table.Column<string>(type: "character varying(254)", maxLength: 254, nullable: true),
                    FoundByList = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true),
                    FoundByState = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: true),
                    FoundByRegion = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true),
                    Found = table.Column<int>(type: "integer", nullable: false),
                    By = table.Column<string>(type: "character varying(254)", maxLength: 254, nullable: false),
                    State = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    After = table.Column<Guid>(type: "uuid", nullable: false),
                    Seen = table.Column<int>(type: "integer", nullable: false),
                    Changed = table.Column<int>(type: "integer", nullable: false),
                    KeptOut = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_BulkChanges", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Imports",
                schema: "subscriptions",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    List = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: false),
                    Confirmed = table.Column<bool>(type: "boolean", nullable: false),
                    Frequency = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    Columns = table.Column<string>(type: "character varying(4000)", maxLength: 4000, nullable: false),
                    Source = table.Column<string>(type: "character varying(254)", maxLength: 254, nullable: false),
                    By = table.Column<string>(type: "character varying(254)", maxLength: 254, nullable: false),
                    State = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    Length = table.Column<long>(type: "bigint", nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    FinishedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    Problem = table.Column<string>(type: "character varying(1000)", maxLength: 1000, nullable: true),
                    Rows = table.Column<long>(type: "bigint", nullable: false),
                    Added = table.Column<long>(type: "bigint", nullable: false),
                    Joined = table.Column<long>(type: "bigint", nullable: false),
                    Already = table.Column<long>(type: "bigint", nullable: false),
                    KeptOut = table.Column<long>(type: "bigint", nullable: false),
                    Rejected = table.Column<long>(type: "bigint", nullable: false),
                    Bytes = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Imports", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "LegalPages",
                schema: "subscriptions",
                columns: table => new
                {
                    Slug = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    Markdown = table.Column<string>(type: "character varying(50000)", maxLength: 50000, nullable: false),
                    ChangedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_LegalPages", x => x.Slug);
                });

            migrationBuilder.CreateTable(
                name: "RevisionMarks",
                schema: "subscriptions",
                columns: table => new
                {
                    At = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    Revision = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_RevisionMarks", x => x.At);
                });

            migrationBuilder.CreateTable(
                name: "BulkTouches",
                schema: "subscriptions",
                columns: table => new
                {
                    ChangeId = table.Column<Guid>(type: "uuid", nullable: false),
                    SubscriberId = table.Column<Guid>(type: "uuid", nullable: false),
                    Revision = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_BulkTouches", x => new { x.ChangeId, x.SubscriberId });
                    table.ForeignKey(
                        name: "FK_BulkTouches_BulkChanges_ChangeId",
                        column: x => x.ChangeId,
                        principalSchema: "subscriptions",
                        principalTable: "BulkChanges",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "ImportRejects",
                schema: "subscriptions",
                columns: table => new
                {
                    ImportId = table.Column<Guid>(type: "uuid", nullable: false),
                    Line = table.Column<long>(type: "bigint", nullable: false),
                    Reason = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ImportRejects", x => new { x.ImportId, x.Line });
                    table.ForeignKey(
                        name: "FK_ImportRejects_Imports_ImportId",
                        column: x => x.ImportId,
                        principalSchema: "subscriptions",
                        principalTable: "Imports",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_Subscribers_Paused",
                schema: "subscriptions",
                table: "Subscribers",
                column: "Id",
                filter: "\"PausedUntil\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_Subscribers_Regions",
                schema: "subscriptions",
                table: "Subscribers",
                column: "Id",
                filter: "\"Regions\" <> '[]'");

            migrationBuilder.CreateIndex(
                name: "IX_Subscribers_Suppressed",
                schema: "subscriptions",
                table: "Subscribers",
                column: "Id",
                filter: "\"SuppressedAt\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_Subscribers_Unusual",
                schema: "subscriptions",
                table: "Subscribers",
                column: "Id",
                filter: "\"State\" <> 'Confirmed'");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "BulkTouches",
                schema: "subscriptions");

            migrationBuilder.DropTable(
                name: "ImportRejects",
                schema: "subscriptions");

            migrationBuilder.DropTable(
                name: "LegalPages",
                schema: "subscriptions");

            migrationBuilder.DropTable(
                name: "RevisionMarks",
                schema: "subscriptions");

            migrationBuilder.DropTable(
                name: "BulkChanges",
                schema: "subscriptions");

            migrationBuilder.DropTable(
                name: "Imports",
                schema: "subscriptions");

            migrationBuilder.DropIndex(
                name: "IX_Subscribers_Paused",
                schema: "subscriptions",
                table: "Subscribers");

            migrationBuilder.DropIndex(
                name: "IX_Subscribers_Regions",
                schema: "subscriptions",
                table: "Subscribers");

            migrationBuilder.DropIndex(
                name: "IX_Subscribers_Suppressed",
                schema: "subscriptions",
                table: "Subscribers");

            migrationBuilder.DropIndex(
                name: "IX_Subscribers_Unusual",
                schema: "subscriptions",
                table: "Subscribers");

            migrationBuilder.DropColumn(
                name: "DefaultFrequency",
                schema: "subscriptions",
                table: "Lists");

            migrationBuilder.DropColumn(
                name: "InArchive",
                schema: "subscriptions",
                table: "Lists");

            migrationBuilder.DropColumn(
                name: "SenderName",
                schema: "subscriptions",
                table: "Lists");

            migrationBuilder.AlterColumn<string>(
                name: "NormalizedAddress",
                schema: "subscriptions",
                table: "Subscribers",
                type: "character varying(254)",
                maxLength: 254,
                nullable: true,
                oldClrType: typeof(string),
                oldType: "character varying(254)",
                oldMaxLength: 254,
                oldNullable: true,
                oldCollation: "C");
        }
    }
}
