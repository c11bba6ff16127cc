using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Alerts.Digests.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class NoticesOfEvents : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<bool>(
                name: "Attending",
                schema: "digests",
                table: "Mailings",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<Guid>(
                name: "EventId",
                schema: "digests",
                table: "Mailings",
                type: "uuid",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Regions",
                schema: "digests",
                table: "Mailings",
                type: "text",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "Attending",
                schema: "digests",
                table: "Mailings");

            migrationBuilder.DropColumn(
                name: "EventId",
                schema: "digests",
                table: "Mailings");

            migrationBuilder.DropColumn(
                name: "Regions",
                schema: "digests",
                table: "Mailings");
        }
    }
}
