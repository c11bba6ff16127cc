using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Alerts.Subscriptions.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class RankMessages : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(
                name: "AskedLately",
                schema: "subscriptions",
                table: "Subscribers",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<string>(
                name: "Move",
                schema: "subscriptions",
                table: "Subscribers",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<short>(
                name: "Rank",
                schema: "subscriptions",
                table: "Outbox",
                type: "smallint",
                nullable: false,
                defaultValue: (short)0);

            migrationBuilder.CreateTable(
                name: "Consents",
                schema: "subscriptions",
                columns: table => new
                {
                    SubscriberId = table.Column<Guid>(type: "uuid", nullable: false),
                    Revision = table.Column<long>(type: "bigint", nullable: false),
                    Number = table.Column<int>(type: "integer", nullable: false),
                    At = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    What = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    List = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true),
                    Frequency = table.Column<int>(type: "integer", nullable: true),
                    Means = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    By = table.Column<string>(type: "character varying(254)", maxLength: 254, nullable: true),
                    Wording = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Consents", x => new { x.SubscriberId, x.Revision, x.Number });
                });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "Consents",
                schema: "subscriptions");

            migrationBuilder.DropColumn(
                name: "AskedLately",
                schema: "subscriptions",
                table: "Subscribers");

            migrationBuilder.DropColumn(
                name: "Move",
                schema: "subscriptions",
                table: "Subscribers");

            migrationBuilder.DropColumn(
                name: "Rank",
                schema: "subscriptions",
                table: "Outbox");
        }
    }
}
