using System;
using System.Collections.Generic;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Alerts.Publishing.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.EnsureSchema(
                name: "publishing");

            migrationBuilder.CreateTable(
                name: "ImportedFeeds",
                schema: "publishing",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    Identity = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    Address = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true),
                    Lists = table.Column<string>(type: "character varying(2000)", maxLength: 2000, nullable: false),
                    Title = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: false),
                    FirstReadAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ImportedFeeds", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Outbox",
                schema: "publishing",
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
                name: "PostDeliveries",
                schema: "publishing",
                columns: table => new
                {
                    MailingId = table.Column<Guid>(type: "uuid", nullable: false),
                    PostId = table.Column<Guid>(type: "uuid", nullable: false),
                    Recipients = table.Column<long>(type: "bigint", nullable: false),
                    Accepted = table.Column<long>(type: "bigint", nullable: false),
                    LastAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_PostDeliveries", x => x.MailingId);
                });

            migrationBuilder.CreateTable(
                name: "Posts",
                schema: "publishing",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    UpdatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    Title = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: false),
                    Markdown = table.Column<string>(type: "text", nullable: true),
                    Html = table.Column<string>(type: "text", nullable: false),
                    Text = table.Column<string>(type: "text", nullable: false),
                    Summary = table.Column<string>(type: "character varying(1000)", maxLength: 1000, nullable: false),
                    Link = table.Column<string>(type: "character varying(2000)", maxLength: 2000, nullable: true),
                    Lists = table.Column<List<string>>(type: "text[]", nullable: false),
                    Tags = table.Column<List<string>>(type: "text[]", nullable: false),
                    Urgent = table.Column<bool>(type: "boolean", nullable: false),
                    State = table.Column<string>(type: "character varying(10)", maxLength: 10, nullable: false),
                    PublishAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    ReleasedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    AudienceRevision = table.Column<long>(type: "bigint", nullable: true),
                    Version = table.Column<int>(type: "integer", nullable: false),
                    Change = table.Column<int>(type: "integer", nullable: false),
                    DatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    Ordinal = table.Column<int>(type: "integer", nullable: false),
                    BacklogId = table.Column<Guid>(type: "uuid", nullable: true),
                    FeedId = table.Column<Guid>(type: "uuid", nullable: true),
                    EntryKey = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: true),
                    Fingerprint = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true),
                    RequestKey = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Posts", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Sources",
                schema: "publishing",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    Url = table.Column<string>(type: "character varying(2000)", maxLength: 2000, nullable: false),
                    Lists = table.Column<List<string>>(type: "text[]", nullable: false),
                    Publish = table.Column<bool>(type: "boolean", nullable: false),
                    Interval = table.Column<TimeSpan>(type: "interval", nullable: false),
                    ETag = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: true),
                    LastModified = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: true),
                    LastReadAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    LastError = table.Column<string>(type: "character varying(1000)", maxLength: 1000, nullable: true),
                    Failures = table.Column<int>(type: "integer", nullable: false),
                    NextReadAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    FeedId = table.Column<Guid>(type: "uuid", nullable: true),
                    Change = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Sources", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Taken",
                schema: "publishing",
                columns: table => new
                {
                    MessageId = table.Column<Guid>(type: "uuid", nullable: false),
                    TakenAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Taken", x => x.MessageId);
                });

            migrationBuilder.CreateIndex(
                name: "IX_ImportedFeeds_Address_Lists",
                schema: "publishing",
                table: "ImportedFeeds",
                columns: new[] { "Address", "Lists" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_ImportedFeeds_Identity_Lists",
                schema: "publishing",
                table: "ImportedFeeds",
                columns: new[] { "Identity", "Lists" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Outbox_DueAt",
                schema: "publishing",
                table: "Outbox",
                column: "DueAt");

            migrationBuilder.CreateIndex(
                name: "IX_Outbox_MessageId",
                schema: "publishing",
                table: "Outbox",
                column: "MessageId",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_PostDeliveries_PostId",
                schema: "publishing",
                table: "PostDeliveries",
                column: "PostId");

            migrationBuilder.CreateIndex(
                name: "IX_Posts_FeedId_EntryKey",
                schema: "publishing",
                table: "Posts",
                columns: new[] { "FeedId", "EntryKey" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Posts_RequestKey",
                schema: "publishing",
                table: "Posts",
                column: "RequestKey",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Posts_State_PublishAt",
                schema: "publishing",
                table: "Posts",
                columns: new[] { "State", "PublishAt" });

            migrationBuilder.CreateIndex(
                name: "IX_Posts_State_ReleasedAt",
                schema: "publishing",
                table: "Posts",
                columns: new[] { "State", "ReleasedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_Sources_NextReadAt",
                schema: "publishing",
                table: "Sources",
                column: "NextReadAt");

            migrationBuilder.CreateIndex(
                name: "IX_Taken_TakenAt",
                schema: "publishing",
                table: "Taken",
                column: "TakenAt");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "ImportedFeeds",
                schema: "publishing");

            migrationBuilder.DropTable(
                name: "Outbox",
                schema: "publishing");

            migrationBuilder.DropTable(
                name: "PostDeliveries",
                schema: "publishing");

            migrationBuilder.DropTable(
                name: "Posts",
                schema: "publishing");

            migrationBuilder.DropTable(
                name: "Sources",
                schema: "publishing");

            migrationBuilder.DropTable(
                name: "Taken",
                schema: "publishing");
        }
    }
}
