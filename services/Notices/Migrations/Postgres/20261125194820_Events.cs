using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Alerts.Notices.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class Events : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<bool>(
                name: "Attending",
                schema: "notices",
                table: "Mailings",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<Guid>(
                name: "EventId",
                schema: "notices",
                table: "Mailings",
                type: "uuid",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Regions",
                schema: "notices",
                table: "Mailings",
                type: "text",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "AnswerCounts",
                schema: "notices",
                columns: table => new
                {
                    EventId = table.Column<Guid>(type: "uuid", nullable: false),
                    Coming = table.Column<int>(type: "integer", nullable: false),
                    Maybe = table.Column<int>(type: "integer", nullable: false),
                    No = table.Column<int>(type: "integer", nullable: false),
                    ReportAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    Invitations = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AnswerCounts", x => x.EventId);
                });

            migrationBuilder.CreateTable(
                name: "Answers",
                schema: "notices",
                columns: table => new
                {
                    EventId = table.Column<Guid>(type: "uuid", nullable: false),
                    SubscriberId = table.Column<Guid>(type: "uuid", nullable: false),
                    Choice = table.Column<byte>(type: "smallint", nullable: false),
                    AnsweredAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    InviteAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Answers", x => new { x.EventId, x.SubscriberId });
                });

            migrationBuilder.CreateTable(
                name: "Events",
                schema: "notices",
                columns: table => new
                {
                    EventId = table.Column<Guid>(type: "uuid", nullable: false),
                    Version = table.Column<int>(type: "integer", nullable: false),
                    Event = table.Column<string>(type: "text", nullable: false),
                    EndsAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    ReleasedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    AudienceRevision = table.Column<long>(type: "bigint", nullable: false),
                    Announced = table.Column<bool>(type: "boolean", nullable: false),
                    NewsVersion = table.Column<int>(type: "integer", nullable: false),
                    ToldVersion = table.Column<int>(type: "integer", nullable: false),
                    Told = table.Column<string>(type: "text", nullable: true),
                    AnnouncementId = table.Column<Guid>(type: "uuid", nullable: true),
                    Lists = table.Column<string>(type: "text", nullable: false),
                    Cancelled = table.Column<bool>(type: "boolean", nullable: false),
                    Reason = table.Column<string>(type: "text", nullable: false),
                    ChangedSince = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    DueAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    Changes = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Events", x => x.EventId);
                });

            migrationBuilder.CreateTable(
                name: "Reminders",
                schema: "notices",
                columns: table => new
                {
                    EventId = table.Column<Guid>(type: "uuid", nullable: false),
                    Before = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: false),
                    StartsAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    DueAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    SettledAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    MailingId = table.Column<Guid>(type: "uuid", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Reminders", x => new { x.EventId, x.Before, x.StartsAt });
                });

            migrationBuilder.CreateIndex(
                name: "IX_AnswerCounts_ReportAt",
                schema: "notices",
                table: "AnswerCounts",
                column: "ReportAt",
                filter: "\"ReportAt\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_Answers_InviteAt",
                schema: "notices",
                table: "Answers",
                column: "InviteAt",
                filter: "\"InviteAt\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_Answers_SubscriberId",
                schema: "notices",
                table: "Answers",
                column: "SubscriberId");

            migrationBuilder.CreateIndex(
                name: "IX_Events_DueAt",
                schema: "notices",
                table: "Events",
                column: "DueAt");

            migrationBuilder.CreateIndex(
                name: "IX_Events_EndsAt",
                schema: "notices",
                table: "Events",
                column: "EndsAt");

            migrationBuilder.CreateIndex(
                name: "IX_Reminders_DueAt",
                schema: "notices",
                table: "Reminders",
                column: "DueAt",
                filter: "\"SettledAt\" IS NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "AnswerCounts",
                schema: "notices");

            migrationBuilder.DropTable(
                name: "Answers",
                schema: "notices");

            migrationBuilder.DropTable(
                name: "Events",
                schema: "notices");

            migrationBuilder.DropTable(
                name: "Reminders",
                schema: "notices");

            migrationBuilder.DropColumn(
                name: "Attending",
                schema: "notices",
                table: "Mailings");

            migrationBuilder.DropColumn(
                name: "EventId",
                schema: "notices",
                table: "Mailings");

            migrationBuilder.DropColumn(
                name: "Regions",
                schema: "notices",
                table: "Mailings");
        }
    }
}
