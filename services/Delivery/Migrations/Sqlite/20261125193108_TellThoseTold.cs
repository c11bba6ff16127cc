using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Alerts.Delivery.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class TellThoseTold : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<Guid>(
                name: "ToThoseTold",
                table: "Mailings",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "ToldBatches",
                table: "Mailings",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<long>(
                name: "ToldCandidates",
                table: "Mailings",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<int>(
                name: "ToldPages",
                table: "Mailings",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<long>(
                name: "ToldRecipients",
                table: "Mailings",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<DateTime>(
                name: "ToldSealedAt",
                table: "Mailings",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "AttendeeCalendar",
                table: "MailingContents",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "Attends",
                table: "Deliveries",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<int>(
                name: "Twice",
                table: "Batches",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.CreateTable(
                name: "Tellings",
                columns: table => new
                {
                    MailingId = table.Column<Guid>(type: "TEXT", nullable: false),
                    EventId = table.Column<Guid>(type: "TEXT", nullable: false),
                    Version = table.Column<int>(type: "INTEGER", nullable: false),
                    KeptUntil = table.Column<DateTime>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Tellings", x => new { x.MailingId, x.EventId });
                });

            migrationBuilder.CreateTable(
                name: "ToldPages",
                columns: table => new
                {
                    MailingId = table.Column<Guid>(type: "TEXT", nullable: false),
                    TellerId = table.Column<Guid>(type: "TEXT", nullable: false),
                    TellerBatch = table.Column<int>(type: "INTEGER", nullable: false),
                    Number = table.Column<int>(type: "INTEGER", nullable: false),
                    Candidates = table.Column<int>(type: "INTEGER", nullable: false),
                    Recipients = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ToldPages", x => new { x.MailingId, x.TellerId, x.TellerBatch });
                });

            migrationBuilder.CreateIndex(
                name: "IX_Mailings_ToTell",
                table: "Mailings",
                column: "HeardAt",
                filter: "\"ToThoseTold\" IS NOT NULL AND \"ToldSealedAt\" IS NULL");

            migrationBuilder.CreateIndex(
                name: "IX_Tellings_EventId_Version",
                table: "Tellings",
                columns: new[] { "EventId", "Version" });

            migrationBuilder.CreateIndex(
                name: "IX_Tellings_KeptUntil",
                table: "Tellings",
                column: "KeptUntil");

            migrationBuilder.CreateIndex(
                name: "IX_ToldPages_MailingId_Number",
                table: "ToldPages",
                columns: new[] { "MailingId", "Number" },
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "Tellings");

            migrationBuilder.DropTable(
                name: "ToldPages");

            migrationBuilder.DropIndex(
                name: "IX_Mailings_ToTell",
                table: "Mailings");

            migrationBuilder.DropColumn(
                name: "ToThoseTold",
                table: "Mailings");

            migrationBuilder.DropColumn(
                name: "ToldBatches",
                table: "Mailings");

            migrationBuilder.DropColumn(
                name: "ToldCandidates",
                table: "Mailings");

            migrationBuilder.DropColumn(
                name: "ToldPages",
                table: "Mailings");

            migrationBuilder.DropColumn(
                name: "ToldRecipients",
                table: "Mailings");

            migrationBuilder.DropColumn(
                name: "ToldSealedAt",
                table: "Mailings");

            migrationBuilder.DropColumn(
                name: "AttendeeCalendar",
                table: "MailingContents");

            migrationBuilder.DropColumn(
                name: "Attends",
                table: "Deliveries");

            migrationBuilder.DropColumn(
                name: "Twice",
                table: "Batches");
        }
    }
}
