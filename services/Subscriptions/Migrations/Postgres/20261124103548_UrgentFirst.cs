using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Alerts.Subscriptions.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class UrgentFirst : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateIndex(
                name: "IX_Mailings_PreparedAt",
                schema: "subscriptions",
                table: "Mailings",
                column: "PreparedAt");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_Mailings_PreparedAt",
                schema: "subscriptions",
                table: "Mailings");
        }
    }
}
