using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Alerts.Delivery.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class SenderName : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "SenderName",
                table: "Mailings",
                type: "TEXT",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "SenderName",
                table: "Mailings");
        }
    }
}
