using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Alerts.Subscriptions.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class NoticesOfEvents : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<bool>(
                name: "Attending",
                schema: "subscriptions",
                table: "Mailings",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<Guid>(
                name: "EventId",
                schema: "subscriptions",
                table: "Mailings",
                type: "uuid",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Regions",
                schema: "subscriptions",
                table: "Mailings",
                type: "text",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "Attending",
                schema: "subscriptions",
                table: "Mailings");

            migrationBuilder.DropColumn(
                name: "EventId",
                schema: "subscriptions",
                table: "Mailings");

            migrationBuilder.DropColumn(
                name: "Regions",
                schema: "subscriptions",
                table: "Mailings");
        }
    }
}
