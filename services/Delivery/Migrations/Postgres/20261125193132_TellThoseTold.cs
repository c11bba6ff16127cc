using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Alerts.Delivery.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class TellThoseTold : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<Guid>(
                name: "ToThoseTold",
                schema: "delivery",
                table: "Mailings",
                type: "uuid",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "ToldBatches",
                schema: "delivery",
                table: "Mailings",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<long>(
                name: "ToldCandidates",
                schema: "delivery",
                table: "Mailings",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<int>(
                name: "ToldPages",
                schema: "delivery",
                table: "Mailings",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<long>(
                name: "ToldRecipients",
                schema: "delivery",
                table: "Mailings",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<DateTime>(
                name: "ToldSealedAt",
                schema: "delivery",
                table: "Mailings",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "AttendeeCalendar",
                schema: "delivery",
                table: "MailingContents",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "Attends",
                schema: "delivery",
                table: "Deliveries",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<int>(
                name: "Twice",
                schema: "delivery",
                table: "Batches",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.CreateTable(
                name: "Tellings",
                schema: "delivery",
                columns: table => new
                {
                    MailingId = table.Column<Guid>(type: "uuid", nullable: false),
                    EventId = table.Column<Guid>(type: "uuid", nullable: false),
                    Version = table.Column<int>(type: "integer", nullable: false),
                    KeptUntil = table.Column<DateTime>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Tellings", x => new { x.MailingId, x.EventId });
                });

            migrationBuilder.CreateTable(
                name: "ToldPages",
                schema: "delivery",
                columns: table => new
                {
                    MailingId = table.Column<Guid>(type: "uuid", nullable: false),
                    TellerId = table.Column<Guid>(type: "uuid", nullable: false),
                    TellerBatch = table.Column<int>(type: "integer", nullable: false),
                    Number = table.Column<int>(type: "integer", nullable: false),
                    Candidates = table.Column<int>(type: "integer", nullable: false),
                    Recipients = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ToldPages", x => new { x.MailingId, x.TellerId, x.TellerBatch });
                });

            migrationBuilder.CreateIndex(
                name: "IX_Mailings_ToTell",
                schema: "delivery",
                table: "Mailings",
                column: "HeardAt",
                filter: "\"ToThoseTold\" IS NOT NULL AND \"ToldSealedAt\" IS NULL");

            migrationBuilder.CreateIndex(
                name: "IX_Tellings_EventId_Version",
                schema: "delivery",
                table: "Tellings",
                columns: new[] { "EventId", "Version" });

            migrationBuilder.CreateIndex(
                name: "IX_Tellings_KeptUntil",
                schema: "delivery",
                table: "Tellings",
                column: "KeptUntil");

            migrationBuilder.CreateIndex(
                name: "IX_ToldPages_MailingId_Number",
                schema: "delivery",
                table: "ToldPages",
                columns: new[] { "MailingId", "Number" },
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "Tellings",
                schema: "delivery");

            migrationBuilder.DropTable(
                name: "ToldPages",
                schema: "delivery");

            migrationBuilder.DropIndex(
                name: "IX_Mailings_ToTell",
                schema: "delivery",
                table: "Mailings");

            migrationBuilder.DropColumn(
                name: "ToThoseTold",
                schema: "delivery",
                table: "Mailings");

            migrationBuilder.DropColumn(
                name: "ToldBatches",
                schema: "delivery",
                table: "Mailings");

            migrationBuilder.DropColumn(
                name: "ToldCandidates",
                schema: "delivery",
                table: "Mailings");

            migrationBuilder.DropColumn(
                name: "ToldPages",
                schema: "delivery",
                table: "Mailings");

            migrationBuilder.DropColumn(
                name: "ToldRecipients",
                schema: "delivery",
                table: "Mailings");

            migrationBuilder.DropColumn(
                name: "ToldSealedAt",
                schema: "delivery",
                table: "Mailings");

            migrationBuilder.DropColumn(
                name: "AttendeeCalendar",
                schema: "delivery",
                table: "MailingContents");

            migrationBuilder.DropColumn(
                name: "Attends",
                schema: "delivery",
                table: "Deliveries");

            migrationBuilder.DropColumn(
                name: "Twice",
                schema: "delivery",
                table: "Batches");
        }
    }
}
