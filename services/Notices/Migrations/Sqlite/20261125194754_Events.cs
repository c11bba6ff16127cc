using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Alerts.Notices.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Events : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<bool>(
                name: "Attending",
                table: "Mailings",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<Guid>(
                name: "EventId",
                table: "Mailings",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Regions",
                table: "Mailings",
                type: "TEXT",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "AnswerCounts",
                columns: table => new
                {
                    EventId = table.Column<Guid>(type: "TEXT", nullable: false),
                    Coming = table.Column<int>(type: "INTEGER", nullable: false),
                    Maybe = table.Column<int>(type: "INTEGER", nullable: false),
                    No = table.Column<int>(type: "INTEGER", nullable: false),
                    ReportAt = table.Column<DateTime>(type: "TEXT", nullable: true),
                    Invitations = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AnswerCounts", x => x.EventId);
                });

            migrationBuilder.CreateTable(
                name: "Answers",
                columns: table => new
                {
                    EventId = table.Column<Guid>(type: "TEXT", nullable: false),
                    SubscriberId = table.Column<Guid>(type: "TEXT", nullable: false),
                    Choice = table.Column<byte>(type: "INTEGER", nullable: false),
                    AnsweredAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    InviteAt = table.Column<DateTime>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Answers", x => new { x.EventId, x.SubscriberId });
                });

            migrationBuilder.CreateTable(
                name: "Events",
                columns: table => new
                {
                    EventId = table.Column<Guid>(type: "TEXT", nullable: false),
                    Version = table.Column<int>(type: "INTEGER", nullable: false),
                    Event = table.Column<string>(type: "TEXT", nullable: false),
                    EndsAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    ReleasedAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    AudienceRevision = table.Column<long>(type: "INTEGER", nullable: false),
                    Announced = table.Column<bool>(type: "INTEGER", nullable: false),
                    NewsVersion = table.Column<int>(type: "INTEGER", nullable: false),
                    ToldVersion = table.Column<int>(type: "INTEGER", nullable: false),
                    Told = table.Column<string>(type: "TEXT", nullable: true),
                    AnnouncementId = table.Column<Guid>(type: "TEXT", nullable: true),
                    Lists = table.Column<string>(type: "TEXT", nullable: false),
                    Cancelled = table.Column<bool>(type: "INTEGER", nullable: false),
                    Reason = table.Column<string>(type: "TEXT", nullable: false),
                    ChangedSince = table.Column<DateTime>(type: "TEXT", nullable: true),
                    DueAt = table.Column<DateTime>(type: "TEXT", nullable: true),
                    Changes = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Events", x => x.EventId);
                });

            migrationBuilder.CreateTable(
                name: "Reminders",
                columns: table => new
                {
                    EventId = table.Column<Guid>(type: "TEXT", nullable: false),
                    Before = table.Column<string>(type: "TEXT", maxLength: 50, nullable: false),
                    StartsAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    DueAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    SettledAt = table.Column<DateTime>(type: "TEXT", nullable: true),
                    MailingId = table.Column<Guid>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Reminders", x => new { x.EventId, x.Before, x.StartsAt });
                });

            migrationBuilder.CreateIndex(
                name: "IX_AnswerCounts_ReportAt",
                table: "AnswerCounts",
                column: "ReportAt",
                filter: "\"ReportAt\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_Answers_InviteAt",
                table: "Answers",
                column: "InviteAt",
                filter: "\"InviteAt\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_Answers_SubscriberId",
                table: "Answers",
                column: "SubscriberId");

            migrationBuilder.CreateIndex(
                name: "IX_Events_DueAt",
                table: "Events",
                column: "DueAt");

            migrationBuilder.CreateIndex(
                name: "IX_Events_EndsAt",
                table: "Events",
                column: "EndsAt");

            migrationBuilder.CreateIndex(
                name: "IX_Reminders_DueAt",
                table: "Reminders",
                column: "DueAt",
                filter: "\"SettledAt\" IS NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "AnswerCounts");

            migrationBuilder.DropTable(
                name: "Answers");

            migrationBuilder.DropTable(
                name: "Events");

            migrationBuilder.DropTable(
                name: "Reminders");

            migrationBuilder.DropColumn(
                name: "Attending",
                table: "Mailings");

            migrationBuilder.DropColumn(
                name: "EventId",
                table: "Mailings");

            migrationBuilder.DropColumn(
                name: "Regions",
                table: "Mailings");
        }
    }
}
