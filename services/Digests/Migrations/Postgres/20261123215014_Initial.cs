using System;
using System.Collections.Generic;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Alerts.Digests.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.EnsureSchema(
                name: "digests");

            migrationBuilder.CreateTable(
                name: "Backlogs",
                schema: "digests",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    Posts = table.Column<int>(type: "integer", nullable: false),
                    Title = table.Column<string>(type: "text", nullable: false),
                    Lists = table.Column<string>(type: "text", nullable: false),
                    Revision = table.Column<long>(type: "bigint", nullable: false),
                    CompleteAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Backlogs", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "CutRequests",
                schema: "digests",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    RequestedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    AfterMessages = table.Column<string>(type: "text", nullable: false),
                    CutId = table.Column<Guid>(type: "uuid", nullable: true),
                    DoneAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    Editions = table.Column<int>(type: "integer", nullable: false),
                    Readers = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_CutRequests", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Cuts",
                schema: "digests",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    Cause = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    StartedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    UpToSeq = table.Column<long>(type: "bigint", nullable: false),
                    BacklogId = table.Column<Guid>(type: "uuid", nullable: true),
                    After = table.Column<Guid>(type: "uuid", nullable: false),
                    Editions = table.Column<int>(type: "integer", nullable: false),
                    Readers = table.Column<long>(type: "bigint", nullable: false),
                    FinishedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Cuts", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "FilingCounter",
                schema: "digests",
                columns: table => new
                {
                    Id = table.Column<int>(type: "integer", nullable: false),
                    Last = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_FilingCounter", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "MailingPages",
                schema: "digests",
                columns: table => new
                {
                    MailingId = table.Column<Guid>(type: "uuid", nullable: false),
                    Number = table.Column<int>(type: "integer", nullable: false),
                    Recipients = table.Column<int>(type: "integer", nullable: false),
                    Excluded = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_MailingPages", x => new { x.MailingId, x.Number });
                });

            migrationBuilder.CreateTable(
                name: "Mailings",
                schema: "digests",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    Cause = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    Priority = table.Column<string>(type: "character varying(10)", maxLength: 10, nullable: false),
                    Lists = table.Column<List<string>>(type: "text[]", nullable: false),
                    Revision = table.Column<long>(type: "bigint", nullable: false),
                    Frequency = table.Column<int>(type: "integer", nullable: true),
                    FansOut = table.Column<bool>(type: "boolean", nullable: false),
                    PreparedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    After = table.Column<Guid>(type: "uuid", nullable: false),
                    Pages = table.Column<int>(type: "integer", nullable: false),
                    Batches = table.Column<int>(type: "integer", nullable: false),
                    Candidates = table.Column<long>(type: "bigint", nullable: false),
                    Recipients = table.Column<long>(type: "bigint", nullable: false),
                    SealedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    CancelledAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    CompletedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Mailings", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Outbox",
                schema: "digests",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    MessageId = table.Column<Guid>(type: "uuid", nullable: false),
                    Type = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    Body = table.Column<string>(type: "text", nullable: false),
                    Waiting = table.Column<int>(type: "integer", nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    DueAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    Attempts = table.Column<int>(type: "integer", nullable: false),
                    ParkedBecause = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Outbox", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Posts",
                schema: "digests",
                columns: table => new
                {
                    PostId = table.Column<Guid>(type: "uuid", nullable: false),
                    Seq = table.Column<long>(type: "bigint", nullable: true),
                    Version = table.Column<int>(type: "integer", nullable: false),
                    Withdrawn = table.Column<bool>(type: "boolean", nullable: false),
                    Title = table.Column<string>(type: "text", nullable: false),
                    Summary = table.Column<string>(type: "text", nullable: false),
                    Opening = table.Column<string>(type: "text", nullable: false),
                    Link = table.Column<string>(type: "text", nullable: false),
                    Lists = table.Column<string>(type: "text", nullable: false),
                    Revision = table.Column<long>(type: "bigint", nullable: false),
                    ReleasedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    DatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    Ordinal = table.Column<int>(type: "integer", nullable: false),
                    BacklogId = table.Column<Guid>(type: "uuid", nullable: true),
                    FiledAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Posts", x => x.PostId);
                });

            migrationBuilder.CreateTable(
                name: "Readers",
                schema: "digests",
                columns: table => new
                {
                    SubscriberId = table.Column<Guid>(type: "uuid", nullable: false),
                    Zone = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    Hour = table.Column<int>(type: "integer", nullable: false),
                    Weekday = table.Column<int>(type: "integer", nullable: false),
                    Daily = table.Column<bool>(type: "boolean", nullable: false),
                    Weekly = table.Column<bool>(type: "boolean", nullable: false),
                    Revision = table.Column<long>(type: "bigint", nullable: false),
                    DailyDueAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    WeeklyDueAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    DueAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    DailyCursor = table.Column<long>(type: "bigint", nullable: false),
                    WeeklyCursor = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Readers", x => x.SubscriberId);
                });

            migrationBuilder.CreateTable(
                name: "SweepPlace",
                schema: "digests",
                columns: table => new
                {
                    Id = table.Column<int>(type: "integer", nullable: false),
                    Revision = table.Column<long>(type: "bigint", nullable: false),
                    After = table.Column<Guid>(type: "uuid", nullable: false),
                    StragglersSeq = table.Column<long>(type: "bigint", nullable: false),
                    Steps = table.Column<long>(type: "bigint", nullable: false),
                    Holder = table.Column<Guid>(type: "uuid", nullable: true),
                    HeldUntil = table.Column<DateTime>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_SweepPlace", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Taken",
                schema: "digests",
                columns: table => new
                {
                    MessageId = table.Column<Guid>(type: "uuid", nullable: false),
                    TakenAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Taken", x => x.MessageId);
                });

            migrationBuilder.InsertData(
                schema: "digests",
                table: "FilingCounter",
                columns: new[] { "Id", "Last" },
                values: new object[] { 1, 0L });

            migrationBuilder.InsertData(
                schema: "digests",
                table: "SweepPlace",
                columns: new[] { "Id", "After", "HeldUntil", "Holder", "Revision", "Steps", "StragglersSeq" },
                values: new object[] { 1, new Guid("00000000-0000-0000-0000-000000000000"), null, null, 0L, 0L, 0L });

            migrationBuilder.CreateIndex(
                name: "IX_CutRequests_DoneAt",
                schema: "digests",
                table: "CutRequests",
                column: "DoneAt");

            migrationBuilder.CreateIndex(
                name: "IX_Cuts_FinishedAt",
                schema: "digests",
                table: "Cuts",
                column: "FinishedAt");

            migrationBuilder.CreateIndex(
                name: "IX_Mailings_SealedAt",
                schema: "digests",
                table: "Mailings",
                column: "SealedAt");

            migrationBuilder.CreateIndex(
                name: "IX_Outbox_DueAt",
                schema: "digests",
                table: "Outbox",
                column: "DueAt");

            migrationBuilder.CreateIndex(
                name: "IX_Outbox_MessageId",
                schema: "digests",
                table: "Outbox",
                column: "MessageId",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Posts_BacklogId",
                schema: "digests",
                table: "Posts",
                column: "BacklogId");

            migrationBuilder.CreateIndex(
                name: "IX_Posts_Seq",
                schema: "digests",
                table: "Posts",
                column: "Seq",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Readers_DueAt",
                schema: "digests",
                table: "Readers",
                column: "DueAt");

            migrationBuilder.CreateIndex(
                name: "IX_Taken_TakenAt",
                schema: "digests",
                table: "Taken",
                column: "TakenAt");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "Backlogs",
                schema: "digests");

            migrationBuilder.DropTable(
                name: "CutRequests",
                schema: "digests");

            migrationBuilder.DropTable(
                name: "Cuts",
                schema: "digests");

            migrationBuilder.DropTable(
                name: "FilingCounter",
                schema: "digests");

            migrationBuilder.DropTable(
                name: "MailingPages",
                schema: "digests");

            migrationBuilder.DropTable(
                name: "Mailings",
                schema: "digests");

            migrationBuilder.DropTable(
                name: "Outbox",
                schema: "digests");

            migrationBuilder.DropTable(
                name: "Posts",
                schema: "digests");

            migrationBuilder.DropTable(
                name: "Readers",
                schema: "digests");

            migrationBuilder.DropTable(
                name: "SweepPlace",
                schema: "digests");

            migrationBuilder.DropTable(
                name: "Taken",
                schema: "digests");
        }
    }
}
