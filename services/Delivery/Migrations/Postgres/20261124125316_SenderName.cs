using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Alerts.Delivery.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class SenderName : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "SenderName",
                schema: "delivery",
                table: "Mailings",
                type: "text",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "SenderName",
                schema: "delivery",
                table: "Mailings");
        }
    }
}
